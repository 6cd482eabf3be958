// About the API itself.

import { z } from "zod";
import { type Description, json } from "./describe.ts";

export const META: readonly Description[] = [
  {
    route: "GET /api/openapi.json",
    topic: "About",
    summary: "This document",
    audience: "anybody",
    answers: { 200: json("OpenAPI 3.1.", { type: "object" }) },
  },
  {
    route: "GET /api/health",
    topic: "About",
    summary: "Whether the Worker answers, and has the secrets that it needs",
    audience: "anybody",
    answers: {
      200: json("It does.", z.object({ ok: z.literal(true) })),
      503: json("It lacks these secrets.", z.object({ ok: z.literal(false), missing: z.array(z.string()) })),
    },
  },
];
