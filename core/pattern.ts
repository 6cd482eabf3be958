// Patterns as merchants write them: text in which `*` stands for any letters, none among them, and everything else for
// itself. Pieces between stars are looked for one after the other and never again, so no pattern is slow.

/** True for text that fits as a whole. */
export type Fits = (text: string) => boolean;

export function patternOf(pattern: string): Fits {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return (text) => text === pattern;
  const middle = rest.filter((piece) => piece !== "");
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}

/** True when one of them fits; null where there is none, so that callers need not ask. */
export function anyOf(patterns: readonly string[]): Fits | null {
  if (patterns.length === 0) return null;
  // Most lists are of whole names.
  const whole = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const fits = patterns.filter((pattern) => pattern.includes("*")).map(patternOf);
  return (text) => whole.has(text) || fits.some((one) => one(text));
}
