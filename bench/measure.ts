// What all benchmarks share: a table on the screen, JSON for programs, and medians of repeated runs, since machines are
// noisy and only what is measured side by side in one run may be compared.

export interface Line {
  what: string;
  /** Rate, size or share, already rounded. */
  value: string;
  note?: string;
}

/** `figures`: the same as numbers, for programs. */
export function print(title: string, lines: readonly Line[], json: boolean, figures: object = {}): void {
  if (json) {
    console.log(JSON.stringify({ title, lines, ...figures }));
    return;
  }
  const widest = Math.max(...lines.map((line) => line.what.length));
  const widestValue = Math.max(...lines.map((line) => line.value.length));
  console.log(`\n${title}\n`);
  for (const { what, value, note } of lines) {
    console.log(`  ${what.padEnd(widest)}  ${value.padStart(widestValue)}  ${note ?? ""}`);
  }
}

/** CPU seconds of this process (its collector's threads included) that `run` takes: the median of `times` runs. */
export function medianCpuSeconds(times: number, run: () => void): number {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  return median(seconds);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export const rate = (n: number, seconds: number): string => `${Math.round(n / seconds).toLocaleString("en")}/s`;

export const ratio = (a: number, b: number): string => `${(a / b).toFixed(2)} ×`;
