// Where answers rest at the edge: in this isolate's memory, and behind it in the cache of the data centre. What is known of
// a question (which answer, when that was last found to be right) is apart from the answer, so that finding it right again
// writes little. Nothing here decides how long anything may be shown. A cache that fails is an empty one.

import { toHex } from "../core/hex.ts";

/** What is known of a question. */
export interface Note {
  /** Names the answer: a hash of the question and the answer's bytes. */
  name: string;
  /** What its numbers came from, read before they were; null when that isn't known. */
  version: { objects: string; books: string; allSealed: boolean } | null;
  /** When it was last found to be right. */
  checkedAtMs: number;
  /** From then on it is computed anew, whatever its version: what it says of the time has passed. */
  untilMs: number;
  /** Its range is over: hardly anything will change it. */
  lasting: boolean;
  /** A source was away: something may be missing. */
  partial: boolean;
}

export interface Kept {
  note: Note;
  text: string;
}

const ISOLATE_CHARS_MAX = 4_000_000;
/** Larger ones rest in the data centre's cache alone. */
const ISOLATE_ANSWER_CHARS_MAX = 200_000;
/** Of the notes' text and the map around them, beside the answers'. */
const ENTRY_CHARS = 1_000;
const CACHE = "answers";
/** A host that cannot be: these addresses are names only. */
const HOST = "https://answers.invalid";

/** Oldest use first. */
const isolate = new Map<string, Kept>();
let isolateChars = 0;

/** From memory; null when it isn't there. */
export function keptHere(question: string): Kept | null {
  const kept = isolate.get(question);
  if (kept === undefined) return null;
  isolate.delete(question);
  isolate.set(question, kept);
  return kept;
}

/** The newer of what is here and what another isolate may have put into the data centre's cache. */
export async function keptNear(question: string): Promise<Kept | null> {
  const near = await readNear(question);
  const here = keptHere(question);
  if (near === null || (here !== null && here.note.checkedAtMs >= near.note.checkedAtMs)) return here;
  return keepHere(question, near);
}

async function readNear(question: string): Promise<Kept | null> {
  try {
    const cache = await caches.open(CACHE);
    const noted = await cache.match(await noteUrl(question));
    if (noted === undefined) return null;
    const note: Note = await noted.json();
    const here = isolate.get(question);
    if (here?.note.name === note.name) return { note, text: here.text };
    const answer = await cache.match(answerUrl(note.name));
    return answer === undefined ? null : { note, text: await answer.text() };
  } catch (error) {
    console.warn(`reports: the edge cache was not read: ${String(error)}`);
    return null;
  }
}

export function keepHere(question: string, kept: Kept): Kept {
  forget(question);
  if (kept.text.length > ISOLATE_ANSWER_CHARS_MAX) return kept;
  isolate.set(question, kept);
  isolateChars += charsOf(question, kept);
  for (const oldest of isolate.keys()) {
    if (isolateChars <= ISOLATE_CHARS_MAX) break;
    forget(oldest);
  }
  return kept;
}

/** `seconds`: how long it may be of use. `isNew`: the answer isn't there yet. */
export async function keepNear(question: string, { note, text }: Kept, seconds: number, isNew: boolean): Promise<void> {
  const headers = { "content-type": "application/json", "cache-control": `public, max-age=${seconds}` };
  try {
    const cache = await caches.open(CACHE);
    if (isNew) await cache.put(answerUrl(note.name), new Response(text, { headers }));
    await cache.put(await noteUrl(question), new Response(JSON.stringify(note), { headers }));
  } catch (error) {
    console.warn(`reports: the edge cache was not written: ${String(error)}`);
  }
}

export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(digest)).slice(0, 40);
}

function forget(question: string): void {
  const kept = isolate.get(question);
  if (kept === undefined) return;
  isolateChars -= charsOf(question, kept);
  isolate.delete(question);
}

const charsOf = (question: string, { text }: Kept): number => question.length + text.length + ENTRY_CHARS;
const noteUrl = async (question: string): Promise<string> => `${HOST}/notes/${await hashOf(question)}`;
const answerUrl = (name: string): string => `${HOST}/answers/${name}`;
