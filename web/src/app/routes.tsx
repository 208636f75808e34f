// The addresses. Every object has one.

import { lazy } from "react";
import { createBrowserRouter, Navigate } from "react-router";

import { Me } from "../portal/Me";
import { People } from "../portal/People";
import { PersonPage } from "../portal/PersonPage";
import { Welcome } from "../portal/Welcome";
import { Bare } from "./Bare";
import { NotFound, RouteFailure } from "./Refusals";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";

// Most people never see synchronization, so they do not load it.
const Synchronization = lazy(() => import("../sync/Synchronization"));

export function createAppRouter() {
  return createBrowserRouter([
    {
      element: <SignedIn />,
      // The frame itself failed.
      errorElement: (
        <Bare>
          <RouteFailure />
        </Bare>
      ),
      children: [
        {
          element: <Shell />,
          children: [
            {
              errorElement: <RouteFailure />,
              children: [
                { index: true, element: <Welcome /> },
                { path: "me", element: <Me /> },
                { path: "people", element: <People /> },
                { path: "people/:id", element: <PersonPage /> },
                { path: "sync", element: <Navigate to="/sync/operations" replace /> },
                { path: "sync/*", element: <Synchronization /> },
                { path: "*", element: <NotFound /> },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
