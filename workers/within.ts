// A promise with an end: what it gives within a time, or that it has not.

import { fail, ok, type Result } from "../core/result.ts";

/** Fails with what it threw, or with an error that says how long it was silent. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Result<Value, unknown>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return ok(await Promise.race([promise, silence]));
  } catch (error) {
    return fail(error);
  } finally {
    clearTimeout(timer);
  }
}
