// The script that sites embed, served as /s.js. It makes events, gives each its id at birth, sends them in small
// batches, and keeps each until the server has answered for it: over failures, pauses, being offline and page
// changes. It sets no cookie, never throws into the page and never holds it up. docs/tracker.md is its manual.
// Every visitor carries every byte: build.test.ts holds the budget, so this file is plain rather than thorough.

import type { Params, Track } from "./countinghouse.ts";

/** An event without a receipt. A retry repeats what was born, to the byte. */
interface Pending {
  storageKey: string;
  json: string;
  onItsWay?: boolean;
}

const BATCH_WAIT_MS = 2_000;
const PENDING_EVENTS_MAX = 50;
const STORED_CHARS_MAX = 30_000;
/** Failures in a row after which only a new event, a new page or being online again brings another attempt. */
const FAILURES_MAX = 10;
const BACKOFF_SECONDS_MAX = 60;
const ENGAGEMENT_MS_MIN = 1_000;
/** Further engagement of the same page is worth an event from here on, so that switching tabs makes no storm. */
const ENGAGEMENT_AGAIN_MS_MIN = 10_000;
/** Beyond this a keepalive request may be refused: browsers allow 64 KB for all of a page's together. */
const KEEPALIVE_CHARS_MAX = 20_000;
/** What of an event's parameters stands beside its name; everything else goes into its props. */
const TOP_LEVEL = /^(value|currency|transaction_id|tax|shipping|coupon|items|user)$/;

const script = document.currentScript as HTMLScriptElement | null;
let { merchant, endpoint, hash }: DOMStringMap = script ? script.dataset : {};
const storagePrefix = `countinghouse:${merchant}:`;

let pending: Pending[] = [];
let failures = 0;
/** The next batch, or the next attempt after a failure. */
let timer: ReturnType<typeof setTimeout> | 0 = 0;

let user: unknown;
/** The address of the page that is being looked at. */
let page: string;
/** NaN while nobody can see the page. */
let shownSinceMs = NaN;
let unreportedMs: number;
let reportMsMin: number;

/** A broken browser, a full storage, an odd argument: the page must not notice. */
const safely =
  <Args extends unknown[]>(act: (...args: Args) => void) =>
  (...args: Args): void => {
    try {
      act(...args);
    } catch {}
  };

const forget = safely((event: Pending) => {
  pending = pending.filter((other) => other != event);
  delete localStorage[event.storageKey];
});

/**
 * One storage key an event, so that tabs never overwrite each other's. Engagement sent on the way out is trusted to
 * arrive: nobody is left to hear the answer, and keeping it would send it twice from every page.
 */
const store = safely(() => {
  let chars = 0;
  for (const { storageKey, json } of pending) {
    chars += json.length;
    if (chars < STORED_CHARS_MAX && (failures || !json.includes('"engagement"'))) {
      localStorage[storageKey] = json;
    }
  }
});

const settle = (batch: Pending[], status?: number, retryAfter?: string | null): void => {
  if (status && status < 500 && status != 429) {
    failures = 0;
    batch.forEach(forget);
  } else {
    for (const event of batch) event.onItsWay = false;
    const backoffSeconds = Math.min(BACKOFF_SECONDS_MAX, 2 ** failures++) * (1 - Math.random() / 2);
    clearTimeout(timer);
    timer = failures < FAILURES_MAX ? setTimeout(send, 1_000 * Math.max(backoffSeconds, +retryAfter! || 0)) : 0;
    store();
  }
};

const send = safely(() => {
  clearTimeout(timer);
  timer = 0;
  const batch = pending.filter((event) => !event.onItsWay);
  if (!batch.length) return;
  const url = endpoint || new URL("/e", script!.src);
  const body = `{"merchant":"${merchant}","sent_at":${Date.now()},"events":[${batch.map((event) => {
    event.onItsWay = true;
    return event.json;
  })}]}`;
  try {
    fetch(url, { method: "POST", body, keepalive: body.length < KEEPALIVE_CHARS_MAX, credentials: "omit" }).then(
      (answer) => settle(batch, answer.status, answer.headers.get("Retry-After")),
      () => settle(batch),
    );
  } catch {
    settle(batch, +navigator.sendBeacon(url, body));
  }
});

const add = (name: string, params?: Params, more?: Params): void => {
  const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(9))));
  const event: Params = { id, name, url: page, language: navigator.language, user, ...more, occurred_at: Date.now() };
  const props: Params = {};
  for (const key in params) {
    if (TOP_LEVEL.test(key)) event[key] = params[key];
    else (event["props"] = props)[key] = params[key];
  }
  pending.push({ storageKey: storagePrefix + id, json: JSON.stringify(event) });
  if (pending.length > PENDING_EVENTS_MAX) forget(pending[0]!);
  timer ||= setTimeout(send, BATCH_WAIT_MS);
};

const measure = (): void => {
  const now = performance.now();
  unreportedMs += now - shownSinceMs || 0;
  shownSinceMs = document.hidden ? NaN : now;
};

const report = (): void => {
  measure();
  if (unreportedMs >= reportMsMin) {
    add("engagement", { ms: Math.round(unreportedMs) });
    unreportedMs = 0;
    reportMsMin = ENGAGEMENT_AGAIN_MS_MIN;
  }
};

/** Each time that the page is hidden may be the last that is heard of it. */
const pause = safely(() => {
  report();
  store();
  if (!failures) send();
});

const address = (): string => location.href.replace(hash == null ? /#.*/ : "", "");

const path = (url: string): string => url.replace(/\?[^#]*/, "");

const view = (more?: Params): void => {
  page = address();
  measure();
  unreportedMs = 0;
  reportMsMin = ENGAGEMENT_MS_MIN;
  add("pageview", undefined, { screen: screen.width + "x" + screen.height, ...more });
};

/** Another query of the same path is a detail (a filter, a cleaned address), not another page. */
const navigate = safely(() => {
  if (path(address()) != path(page)) {
    report();
    // The title is still that of the page before, and its address is not a referrer.
    view();
  }
  page = address();
});

const track: Track = safely((name: string, params?: unknown) => {
  if (name == "user") user = params || undefined;
  else add(name, params as Params);
});

const start = safely(() => {
  safely(() => {
    if (localStorage["countinghouse_ignore"] == "true") merchant = "";
    for (const key in localStorage) {
      if (key.startsWith(storagePrefix)) pending.push({ storageKey: key, json: localStorage[key] });
    }
  })();
  const stub: Partial<Track> = window.countinghouse || {};
  if (!merchant || stub.on) return;
  window.countinghouse = track;
  track.on = true;

  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method];
    history[method] = function (...args) {
      original.apply(this, args);
      navigate();
    };
  }
  addEventListener("popstate", navigate);
  addEventListener("online", () => {
    failures = 0;
    send();
  });
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => event.persisted && view());
  document.addEventListener("visibilitychange", pause);

  // A user named before the script came is the user of the first pageview too; everything else came after it.
  const early = (stub.q || []) as [string, unknown?][];
  for (const call of early) if (call[0] == "user") track(...call);
  view({ title: document.title, referrer: document.referrer || undefined });
  for (const call of early) track(...call);
  send();
});

if (document.prerendering) document.addEventListener("prerenderingchange", start);
else start();
