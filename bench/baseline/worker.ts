// What our collect endpoint is measured against, on the same runtime: a Worker that answers 202 and nothing else, and
// one that parses the same JSON and makes one call to an object that counts in memory. Nothing that collects events
// through an object can be faster than the second.

import { DurableObject } from "cloudflare:workers";

interface Bindings {
  COUNTER: DurableObjectNamespace<Counter>;
}

export class Counter extends DurableObject {
  #n = 0;

  count(): number {
    return ++this.#n;
  }
}

export default {
  async fetch(request, env) {
    if (request.url.endsWith("/nothing")) return new Response(null, { status: 202 });
    const body = JSON.parse(await request.text()) as { merchant: string };
    await env.COUNTER.getByName(body.merchant).count();
    return new Response(null, { status: 202 });
  },
} satisfies ExportedHandler<Bindings>;
