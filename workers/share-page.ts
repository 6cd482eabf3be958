// The page of a shared link, /share/:id: the dashboard's, which may stand in frames of those sites that the link names, and of no
// others. Search engines may show it if the link is public. Every other page is served without the Worker, as web/public/_headers says.

import type { Env } from "./env.ts";
import { findLink, type Link, overOf } from "./links-store.ts";

const NOWHERE = "frame-ancestors 'none'";

export async function sharePage(request: Request, env: Env): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405 });
  const url = new URL(request.url);
  const [page, link] = await Promise.all([
    env.ASSETS.fetch(new Request(new URL("/", url), { method: request.method })),
    openLink(env, url.pathname.split("/")[2] ?? ""),
  ]);
  const answer = new Response(page.body, page);
  // What it may be shown in can change at any time.
  answer.headers.set("cache-control", "private, no-cache");
  answer.headers.delete("etag");
  if (link === null) return answer;
  if (link.origins.length > 0) {
    const policy = answer.headers.get("content-security-policy") ?? NOWHERE;
    answer.headers.set("content-security-policy", policy.replace(NOWHERE, `frame-ancestors ${link.origins.join(" ")}`));
    answer.headers.set("cross-origin-resource-policy", "cross-origin");
  }
  return link.public ? listed(answer) : answer;
}

/** Null too when it cannot be known: then the page says so, in no frame. */
async function openLink(env: Env, id: string): Promise<Link | null> {
  try {
    const link = await findLink(env, id);
    return link === null || overOf(link, Date.now()) !== null ? null : link;
  } catch (error) {
    console.warn(`share: link not looked up: ${String(error)}`);
    return null;
  }
}

const listed = (page: Response): Response =>
  new HTMLRewriter().on('meta[name="robots"]', { element: (meta) => void meta.remove() }).transform(page);
