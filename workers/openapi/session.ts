// Signing in.

import { z } from "zod";
import { type Description, empty, refusal } from "./describe.ts";

export const SESSION: readonly Description[] = [
  {
    route: "POST /api/v1/session",
    topic: "Signing in",
    summary: "Sign in with the operator token",
    details: "Sets a cookie that opens the API to the site's own pages.",
    audience: "anybody",
    body: { schema: z.object({ token: z.string().min(1) }) },
    answers: {
      204: { ...empty("Signed in."), headers: { "Set-Cookie": "The session." } },
      400: refusal("There is no token in the body."),
      401: refusal("The token is not valid."),
      403: refusal("Asked from another origin."),
      413: refusal("Too large."),
      503: refusal("The server has no operator token."),
    },
  },
  {
    route: "GET /api/v1/session",
    topic: "Signing in",
    summary: "Whether you are signed in",
    audience: "readers",
    answers: { 204: empty("You are.") },
  },
  {
    route: "DELETE /api/v1/session",
    topic: "Signing in",
    summary: "Sign out",
    audience: "anybody",
    answers: { 204: empty("Signed out.") },
  },
];
