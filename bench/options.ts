// Numbers on the command line.

import { InvalidArgumentError } from "commander";

export function positive(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("A number above 0.");
  return number;
}

/** 0 among them. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("A whole number.");
  return number;
}
