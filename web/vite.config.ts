import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// What the service sends with every page. `vite preview` sends the same, with the placeholder of
// index.html as the nonce, so that the browser tests see what a strict browser refuses.
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'nonce-__CSP_NONCE__'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join("; ");

// `npm run dev` passes the interface on to a service that runs beside it.
const SERVICE = process.env.PROXENY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // What changes with libraries is kept by browsers when only our pages change.
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules/ }] },
      },
    },
  },
  server: { proxy: { "/api": SERVICE, "/health": SERVICE } },
  preview: { headers: { "Content-Security-Policy": CONTENT_SECURITY_POLICY } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
