// A set of 64-bit hashes that counts its distinct members: exact up to 320 of them, then HyperLogLog with a standard error
// of 1.6 %. It is stored in postgresql-hll's format (schema version 1, log2m 12, regwidth 5, expthresh -1, sparseon 1),
// byte for byte what the extension writes, so stock Postgres can read, union and audit it.
// Members are visitors: keyed hashes that are uniform already, so nothing hashes them again. The counterpart in SQL is
// hll_add(sketch, visitor::bigint::hll_hashval), without hll_hash_*.

import { fromHex, toHex, wordAt } from "./hex.ts";
import {
  emptyRegisters,
  estimate,
  filled,
  fitsSparse,
  FULL_BYTES,
  LOG2_REGISTERS,
  mergeInto,
  packFull,
  packSparse,
  raise,
  REGISTER_BITS,
  type Registers,
  sparseBytes,
  unpackFull,
  unpackSparse,
} from "./registers.ts";
import { fail, ok, type Result } from "./result.ts";

const VERSION = 1;
const EMPTY = (VERSION << 4) | 1;
const EXPLICIT = (VERSION << 4) | 2;
const SPARSE = (VERSION << 4) | 3;
const FULL = (VERSION << 4) | 4;
const WIDTHS = ((REGISTER_BITS - 1) << 5) | LOG2_REGISTERS;
const SPARSE_ALLOWED_THRESHOLD_AUTO = (1 << 6) | 63;
const HEADER_BYTES = 3;
const HASH_BYTES = 8;

/** As many hashes as fit in the bytes of the full registers: what the extension takes for expthresh -1. */
export const EXACT_MAX = FULL_BYTES / HASH_BYTES;

/** Up to this many hashes a plain array takes half the memory of a typed one, whose header alone is 250 bytes. */
const PLAIN_HASHES_MAX = 16;
const NONE: readonly number[] = [];

/** The storage order is that of signed numbers: with the sign bit turned over it is the order of unsigned ones. */
const SIGN = 0x8000_0000;

export class Sketch {
  /** While exact: `count` hashes in storage order, each as (high half with the sign turned over, low half). */
  private hashes: readonly number[] | Uint32Array = NONE;
  private count = 0;
  /** Once there are more than EXACT_MAX. */
  private registers: Registers | null = null;

  /** Adds one hash, given as two 32-bit halves. Cheap when it is there already. */
  add(hi: number, lo: number): void {
    if (this.registers !== null) raise(this.registers, hi, lo);
    else this.insert((hi ^ SIGN) >>> 0, lo >>> 0);
  }

  /** Adds a hash of 16 lower-case hexadecimal digits; anything else is a bug of the caller, and throws. */
  addHex(visitor: string): void {
    const hi = wordAt(visitor, 0);
    const lo = wordAt(visitor, 8);
    if (visitor.length !== 16 || Number.isNaN(hi + lo)) throw new Error(`not a 64-bit hash in hexadecimal: ${visitor}`);
    this.add(hi, lo);
  }

  /** Takes in everything that was added to `other`. */
  union(other: Sketch): void {
    if (other.registers !== null) {
      this.registers ??= this.toRegisters();
      mergeInto(this.registers, other.registers);
      return;
    }
    const { hashes, count } = other;
    if (this.empty) {
      this.hashes = hashes.slice();
      this.count = count;
      return;
    }
    for (let at = 0; at < 2 * count; at += 2) this.add((word(hashes, at) ^ SIGN) >>> 0, word(hashes, at + 1));
  }

  clone(): Sketch {
    const copy = new Sketch();
    copy.count = this.count;
    copy.hashes = this.hashes.slice();
    copy.registers = this.registers?.slice() ?? null;
    return copy;
  }

  /** Distinct hashes, exact or estimated: round(hll_cardinality(sketch)) in SQL. */
  cardinality(): number {
    return this.registers === null ? this.count : Math.round(estimate(this.registers));
  }

  get exact(): boolean {
    return this.registers === null;
  }

  get empty(): boolean {
    return this.registers === null && this.count === 0;
  }

  /** The storage bytes. The same set of hashes gives the same bytes, in whatever order and by whatever unions it came about. */
  encode(): Uint8Array<ArrayBuffer> {
    if (this.registers !== null) return encodeRegisters(this.registers);
    const bytes = withHeader(this.count === 0 ? EMPTY : EXPLICIT, this.count * HASH_BYTES);
    let to = HEADER_BYTES;
    for (let at = 0; at < 2 * this.count; at++) {
      const half = at % 2 === 0 ? word(this.hashes, at) ^ SIGN : word(this.hashes, at);
      bytes[to++] = half >>> 24;
      bytes[to++] = half >>> 16;
      bytes[to++] = half >>> 8;
      bytes[to++] = half;
    }
    return bytes;
  }

  /**
   * Reads what `encode`, or the extension with these parameters, writes: what is accepted encodes to the same bytes.
   * Anything else fails with the reason; it never throws.
   */
  static decode(bytes: Uint8Array): Result<Sketch, string> {
    const [type, widths, thresholds] = bytes;
    if (bytes.length < HEADER_BYTES) return fail("shorter than a sketch's header");
    if (widths !== WIDTHS || thresholds !== SPARSE_ALLOWED_THRESHOLD_AUTO)
      return fail("a sketch with other parameters");
    const sketch = new Sketch();
    if (type === EMPTY) return bytes.length === HEADER_BYTES ? ok(sketch) : fail("an empty sketch with data");
    if (type === EXPLICIT) return sketch.takeHashes(bytes);
    if (type !== SPARSE && type !== FULL) return fail("not a sketch of version 1");
    const data = bytes.subarray(HEADER_BYTES);
    const registers = type === SPARSE ? unpackSparse(data) : unpackFull(data);
    if (!registers.ok) return registers;
    sketch.registers = registers.value;
    return ok(sketch);
  }

  toHex(): string {
    return toHex(this.encode());
  }

  static fromHex(hex: string): Result<Sketch, string> {
    const bytes = fromHex(hex);
    return bytes === null ? fail("not lower-case hexadecimal") : Sketch.decode(bytes);
  }

  private insert(key: number, lo: number): void {
    const { hashes, count } = this;
    let from = 0;
    let to = count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const high = word(hashes, 2 * middle);
      const low = word(hashes, 2 * middle + 1);
      if (high === key && low === lo) return;
      if (isBefore(high, low, key, lo)) from = middle + 1;
      else to = middle;
    }
    if (count === EXACT_MAX) {
      this.registers = this.toRegisters();
      raise(this.registers, key ^ SIGN, lo);
      return;
    }
    const plain = !(hashes instanceof Uint32Array) && count < PLAIN_HASHES_MAX;
    this.hashes = plain ? hashes.toSpliced(2 * from, 0, key, lo) : insertAt(hashes, count, from, key, lo);
    this.count = count + 1;
  }

  /** The exact hashes as registers; lets go of the former. */
  private toRegisters(): Registers {
    const registers = emptyRegisters();
    for (let at = 0; at < 2 * this.count; at += 2) {
      raise(registers, word(this.hashes, at) ^ SIGN, word(this.hashes, at + 1));
    }
    this.hashes = NONE;
    this.count = 0;
    return registers;
  }

  private takeHashes(bytes: Uint8Array): Result<Sketch, string> {
    const count = (bytes.length - HEADER_BYTES) / HASH_BYTES;
    if (!Number.isInteger(count) || count === 0) return fail("explicit hashes that are not of 8 bytes");
    if (count > EXACT_MAX) return fail(`more than ${EXACT_MAX} explicit hashes`);
    const hashes = count > PLAIN_HASHES_MAX ? new Uint32Array(2 * count) : Array<number>(2 * count).fill(0);
    for (let at = 0; at < 2 * count; at += 2) {
      const from = HEADER_BYTES + 4 * at;
      const key = (wordOf(bytes, from) ^ SIGN) >>> 0;
      const lo = wordOf(bytes, from + 4) >>> 0;
      if (at > 0 && !isBefore(word(hashes, at - 2), word(hashes, at - 1), key, lo))
        return fail("explicit hashes out of order");
      hashes[at] = key;
      hashes[at + 1] = lo;
    }
    this.hashes = hashes;
    this.count = count;
    return ok(this);
  }
}

const word = (words: readonly number[] | Uint32Array, at: number): number => words[at] ?? 0;

/** The 32 bits at `at`, big-endian, signed. */
const wordOf = (bytes: Uint8Array, at: number): number =>
  (byteAt(bytes, at) << 24) | (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3);

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

const isBefore = (key: number, lo: number, otherKey: number, otherLo: number): boolean =>
  key < otherKey || (key === otherKey && lo < otherLo);

/** Puts a hash in place `at`, into `hashes` itself when that has room. */
function insertAt(
  hashes: readonly number[] | Uint32Array,
  count: number,
  at: number,
  key: number,
  lo: number,
): Uint32Array {
  let room = hashes;
  if (!(room instanceof Uint32Array) || room.length === 2 * count) {
    room = new Uint32Array(2 * Math.min(2 * count, EXACT_MAX));
    room.set(hashes);
  }
  room.copyWithin(2 * at + 2, 2 * at, 2 * count);
  room[2 * at] = key;
  room[2 * at + 1] = lo;
  return room;
}

function encodeRegisters(registers: Registers): Uint8Array<ArrayBuffer> {
  const registerCount = filled(registers);
  if (!fitsSparse(registerCount)) {
    const bytes = withHeader(FULL, FULL_BYTES);
    packFull(registers, bytes, HEADER_BYTES);
    return bytes;
  }
  const bytes = withHeader(SPARSE, sparseBytes(registerCount));
  packSparse(registers, bytes, HEADER_BYTES);
  return bytes;
}

function withHeader(type: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  bytes[0] = type;
  bytes[1] = WIDTHS;
  bytes[2] = SPARSE_ALLOWED_THRESHOLD_AUTO;
  return bytes;
}
