// The dashboard's entry. Links to it carry what they are for after the "#", where servers and logs do not see it; it is
// taken out of the address before anything else happens.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { takeArrival } from "./arrival.ts";
import "./styles/index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no element #root");
createRoot(root).render(
  <StrictMode>
    <App arrival={takeArrival()} />
  </StrictMode>,
);
