// What an object does when its alarm rings, as data: which hours and books to publish, which log segments to archive,
// when to wake next. An outbox without a table: what R2 and Postgres have not confirmed is still to do.

export interface Publishable {
  /** Sequence of the last change. */
  seq: number;
  /** Highest sequence that Postgres has confirmed, 0 for none. */
  confirmedSeq: number;
  /** When and at which sequence it was last put on the queue; null for never (or forgotten, which costs a repeat). */
  sent: { seq: number; atMs: number } | null;
}

export interface SegmentView {
  first: number;
  /** Closed segments get no more rows. */
  closed: boolean;
  bytes: number;
  openedAtMs: number;
  sentAtMs: number | null;
}

export interface FlushView {
  nowMs: number;
  hours: ReadonlyMap<number, Publishable>;
  books: ReadonlyMap<string, Publishable>;
  segments: readonly SegmentView[];
  /** Log bytes that recovery would have to fold again. */
  bytesSinceCheckpoint: number;
}

export interface FlushRules {
  publishAfterMs: number;
  archiveAfterMs: number;
  checkpointBytes: number;
  /** Do everything now. */
  force: boolean;
}

export interface FlushPlan {
  hours: number[];
  books: string[];
  /** Close the open segment before archiving. */
  closeSegment: boolean;
  /** First sequences of closed segments to put on the queue. The one to be closed is not among them. */
  archive: number[];
  checkpoint: boolean;
  /** Null: nothing to wake for. */
  nextAlarmMs: number | null;
}

export function planFlush(view: FlushView, rules: FlushRules): FlushPlan {
  const { nowMs } = view;
  // A message is given as long to be confirmed as a change is given to be published.
  const isDue = (one: Publishable): boolean =>
    one.seq > one.confirmedSeq &&
    (rules.force || one.sent === null || one.sent.seq < one.seq || one.sent.atMs + rules.publishAfterMs <= nowMs);
  const hours = [...view.hours].filter(([, one]) => isDue(one)).map(([hour]) => hour);
  const books = [...view.books].filter(([, one]) => isDue(one)).map(([date]) => date);
  const open = view.segments.find((segment) => !segment.closed && segment.bytes > 0);
  const closeSegment = open !== undefined && (rules.force || open.openedAtMs + rules.archiveAfterMs <= nowMs);
  const archive = view.segments
    .filter(
      (one) => one.closed && (rules.force || one.sentAtMs === null || one.sentAtMs + rules.publishAfterMs <= nowMs),
    )
    .map((segment) => segment.first);
  const unconfirmed =
    [...view.hours.values(), ...view.books.values()].some((one) => one.seq > one.confirmedSeq) ||
    view.segments.some((segment) => segment.closed) ||
    closeSegment;
  return {
    hours,
    books,
    closeSegment,
    archive,
    checkpoint: view.bytesSinceCheckpoint >= rules.checkpointBytes,
    nextAlarmMs: nextAlarm(unconfirmed, closeSegment ? undefined : open, nowMs, rules),
  };
}

function nextAlarm(
  unconfirmed: boolean,
  open: SegmentView | undefined,
  nowMs: number,
  rules: FlushRules,
): number | null {
  const times: number[] = [];
  if (unconfirmed) times.push(nowMs + rules.publishAfterMs);
  if (open !== undefined) times.push(Math.max(nowMs + 1_000, open.openedAtMs + rules.archiveAfterMs));
  return times.length === 0 ? null : Math.min(...times);
}
