// The dashboard's entry. An operator's link carries its token after the "#", where servers and logs do not see it; it
// is taken out of the address before anything else happens.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/index.css";

const TOKEN = /^#token=(.+)$/;

function takeToken(): string | null {
  const token = TOKEN.exec(location.hash)?.[1];
  if (token === undefined) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return decodeURIComponent(token);
}

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no element #root");
createRoot(root).render(
  <StrictMode>
    <App token={takeToken()} />
  </StrictMode>,
);
