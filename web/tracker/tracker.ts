// The script that sites embed, served as /s.js. It makes events, gives each its id at birth, sends them in small
// batches, and keeps each until the server has answered for it: over failures, pauses, being offline and page
// changes. It sets no cookie, never throws into the page and never holds it up. docs/tracker.md is its manual.
// Every visitor carries every byte: build.test.ts holds the budget, so this file is plain rather than thorough.

import type { Params, Track } from "./countinghouse.ts";

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
const { merchant, endpoint, hash }: DOMStringMap = script ? script.dataset : {};
const storagePrefix = `countinghouse:${merchant}:`;
/** One key a page, so that tabs never overwrite each other's; keys sort by age. */
const storageKey = storagePrefix + Date.now() + Math.random();

/** Events without a receipt, oldest first, as JSON: a retry repeats what was born, to the byte. */
let pending: string[] = [];
/** Those of them that are on their way. */
let sending: string[] = [];
/** How many of them, the newest, no request has carried yet. */
let fresh = 0;
let failures = 0;
/** The next batch, or the next attempt after a failure. */
let timer: ReturnType<typeof setTimeout> | 0 = 0;

let user: unknown;
/** The address of the page that is being looked at. */
let page: string;
/** NaN while nobody can see the page. */
let shownSinceMs = NaN;
let unreportedMs = 0;
let reportMsMin: number;

/** A broken browser, a full storage, an odd argument: the page must not notice. */
const safely =
  <Args extends unknown[]>(act: (...args: Args) => void) =>
  (...args: Args): void => {
    try {
      act(...args);
    } catch {}
  };

/**
 * Engagement sent on the way out is trusted to arrive: nobody is left to hear the answer, and keeping it would send it
 * twice from every page.
 */
const store = safely(() => {
  let chars = 0;
  const kept = pending.filter(
    (json) => (failures || !json.includes('"engagement"')) && (chars += json.length) < STORED_CHARS_MAX,
  );
  if (kept.length) localStorage[storageKey] = kept.join("\n");
  else delete localStorage[storageKey];
});

const settle = (batch: string[], status?: number, retryAfter?: string | null): void => {
  const isOther = (json: string): boolean => !batch.includes(json);
  sending = sending.filter(isOther);
  if (status && status < 500 && status !== 429) {
    failures = 0;
    pending = pending.filter(isOther);
  } else {
    const backoffSeconds = Math.min(BACKOFF_SECONDS_MAX, 2 ** failures++) * (1 - Math.random() / 2);
    clearTimeout(timer);
    timer = failures < FAILURES_MAX ? setTimeout(send, 1_000 * Math.max(backoffSeconds, +retryAfter! || 0)) : 0;
  }
  store();
};

const send = safely(() => {
  clearTimeout(timer);
  timer = 0;
  const batch = pending.filter((json) => !sending.includes(json));
  if (!batch.length) return;
  sending = sending.concat(batch);
  const url = endpoint || new URL("/e", script!.src);
  // Of the older ones the server first looks whether it has them: perhaps this visitor had another address then.
  const again = batch.length - fresh;
  const body = `{"merchant":"${merchant}","sent_at":${Date.now()},"again":${again},"events":[${batch.join()}]}`;
  fresh = 0;
  try {
    fetch(url, { method: "POST", body, keepalive: !body[KEEPALIVE_CHARS_MAX], credentials: "omit" }).then(
      (answer) => settle(batch, answer.status, answer.headers.get("Retry-After")),
      () => settle(batch),
    );
  } catch {
    settle(batch, +navigator.sendBeacon(url, body));
  }
});

const add = (name: string, params?: Params, more?: Params): void => {
  const id = crypto.getRandomValues(new Uint32Array(2)).join();
  const event: Params = { id, name, url: page, language: navigator.language, user, ...more, occurred_at: Date.now() };
  const props: Params = {};
  for (const key in params) {
    if (TOP_LEVEL.test(key)) event[key] = params[key];
    else (event["props"] = props)[key] = params[key];
  }
  pending = pending.concat(JSON.stringify(event)).slice(-PENDING_EVENTS_MAX);
  fresh++;
  timer ||= setTimeout(send, BATCH_WAIT_MS);
};

/** Counts the time since the last look, and makes an event of it when it is worth one. */
const report = (): void => {
  const now = performance.now();
  unreportedMs += now - shownSinceMs || 0;
  shownSinceMs = document.hidden ? NaN : now;
  if (unreportedMs >= reportMsMin) {
    add("engagement", { ms: unreportedMs | 0 });
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

const view = (title?: string, referrer?: string): void => {
  report();
  page = address();
  unreportedMs = 0;
  reportMsMin = ENGAGEMENT_MS_MIN;
  add("pageview", undefined, { title, referrer, screen: screen.width + "x" + screen.height });
};

/** Another query of the same path is a detail (a filter, a cleaned address), not another page. */
const navigate = safely(() => {
  // The title is still that of the page before, and its address is not a referrer.
  if (path(address()) !== path(page)) view();
  page = address();
});

const track: Track = safely((name: string, params?: unknown) => {
  if (name === "user") user = params || undefined;
  else add(name, params as Params);
});

const start = safely(() => {
  const stub: Partial<Track> = window.countinghouse || {};
  safely(() => {
    stub.on ||= localStorage["countinghouse_ignore"] === "true";
    for (const key of Object.keys(localStorage).sort()) {
      if (!stub.on && key.startsWith(storagePrefix)) {
        pending = pending.concat((localStorage[key] as string).split("\n"));
        delete localStorage[key];
      }
    }
    store();
  })();
  if (stub.on || !merchant) return;
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
  for (const call of early) if (call[0] === "user") track(...call);
  view(document.title, document.referrer || undefined);
  for (const call of early) track(...call);
  send();
});

if (document.prerendering) document.addEventListener("prerenderingchange", start);
else start();
