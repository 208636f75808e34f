// Starts the application in the page.

import "./base.css";

import { createRoot } from "react-dom/client";

import { App } from "./app/App";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(<App nonce={readNonce()} />);
}

// The service writes a new nonce into every page it sends; styles made at run time carry it.
function readNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}
