// The books of one merchant, one shard, one day: where every event that was received went. Law 6:
//   received = accepted + duplicate + rejected (by reason), and accepted = counted + not counted (by verdict).

export interface Books {
  received: number;
  accepted: number;
  duplicate: number;
  /** reason → events */
  rejected: Record<string, number>;
  /** verdict → events; "counted" among them */
  verdicts: Record<string, number>;
}

export const emptyBooks = (): Books => ({ received: 0, accepted: 0, duplicate: 0, rejected: {}, verdicts: {} });

export const addTo = (counts: Record<string, number>, key: string, n = 1): void => {
  counts[key] = (counts[key] ?? 0) + n;
};

/** True when both equations of law 6 hold. */
export const balanced = (books: Books): boolean =>
  books.received === books.accepted + books.duplicate + sum(books.rejected) && books.accepted === sum(books.verdicts);

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, n) => total + n, 0);

export const sumOfBooks = (a: Books, b: Books): Books => ({
  received: a.received + b.received,
  accepted: a.accepted + b.accepted,
  duplicate: a.duplicate + b.duplicate,
  rejected: sumOf(a.rejected, b.rejected),
  verdicts: sumOf(a.verdicts, b.verdicts),
});

const sumOf = (a: Record<string, number>, b: Record<string, number>): Record<string, number> => {
  const total = { ...a };
  for (const [key, n] of Object.entries(b)) addTo(total, key, n);
  return total;
};
