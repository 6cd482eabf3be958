// When a day is over, as data. A day closes once its local midnight and a grace are past, nothing has come for it for as
// long, and R2 and Postgres have confirmed all of it; then its seal is asked for until somebody confirms that too.
// Events that come after are late: when they have rested as long, the seal is asked for again.

export interface OpenDayView {
  date: string;
  endMs: number;
  /** When the last event or refusal for it came. */
  touchedMs: number;
  /** R2 and Postgres have confirmed everything of it. */
  settled: boolean;
}

export interface ClosedDayView {
  date: string;
  /** Sequence that the seal must cover: of the closing, or of the latest late event. */
  seq: number;
  touchedMs: number;
  settled: boolean;
  /** Highest sequence that a seal has confirmed, 0 for none. */
  sealedSeq: number;
  sent: { seq: number; atMs: number } | null;
}

export interface ClosingRules {
  /** Grace after midnight, and rest after the last event. */
  sealAfterMs: number;
  /** How long a seal may take before it is asked for again. */
  repeatAfterMs: number;
}

export interface ClosingPlan {
  /** Something is due but for R2's or Postgres' confirmation: publish and archive without waiting. */
  settle: boolean;
  close: string[];
  /** Dates to ask the seal of. */
  seal: string[];
  nextAlarmMs: number | null;
}

export function planClosing(
  nowMs: number,
  open: readonly OpenDayView[],
  closed: readonly ClosedDayView[],
  rules: ClosingRules,
): ClosingPlan {
  const plan: ClosingPlan = { settle: false, close: [], seal: [], nextAlarmMs: null };
  const wake = (atMs: number): void => {
    plan.nextAlarmMs = plan.nextAlarmMs === null ? atMs : Math.min(plan.nextAlarmMs, atMs);
  };
  for (const day of open) {
    const dueMs = Math.max(day.endMs, day.touchedMs) + rules.sealAfterMs;
    if (dueMs > nowMs) wake(dueMs);
    else if (day.settled) plan.close.push(day.date);
    else {
      plan.settle = true;
      wake(nowMs + rules.repeatAfterMs);
    }
  }
  for (const day of closed) {
    if (day.sealedSeq >= day.seq) continue;
    // The first seal does not wait: the day has rested already.
    const dueMs = day.sealedSeq === 0 ? nowMs : day.touchedMs + rules.sealAfterMs;
    if (dueMs > nowMs) {
      wake(dueMs);
      continue;
    }
    wake(nowMs + rules.repeatAfterMs);
    if (!day.settled) plan.settle = true;
    else if (day.sent === null || day.sent.seq < day.seq || day.sent.atMs + rules.repeatAfterMs <= nowMs) {
      plan.seal.push(day.date);
    }
  }
  return plan;
}
