// How somebody came here: by a link of ours, which says after the "#" what it is for. What is there is taken out of the
// address before anything else happens, so that it does not stay in the browser's history.

export type Arrival =
  /** An operator's token, what a mail about a password holds, an invitation. */
  | { kind: "token" | "reset" | "invitation"; value: string }
  /** What became of a link that confirms an address. */
  | { kind: "verified" | "confirm-sent" | "verify-failed" };

const WITH_VALUE = /^#(token|reset|invitation)=(.+)$/;
const WITHOUT = /^#(verified|confirm-sent|verify-failed)$/;

export function arrivalIn(hash: string): Arrival | null {
  const [, named, value] = WITH_VALUE.exec(hash) ?? [];
  if (value !== undefined) return { kind: named as "token" | "reset" | "invitation", value: decoded(value) };
  const kind = WITHOUT.exec(hash)?.[1];
  return kind === undefined ? null : { kind: kind as "verified" | "confirm-sent" | "verify-failed" };
}

export function takeArrival(): Arrival | null {
  const arrival = arrivalIn(location.hash);
  if (arrival !== null) history.replaceState(null, "", location.pathname + location.search);
  return arrival;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
