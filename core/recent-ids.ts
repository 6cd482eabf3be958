// The event ids that a shard has accepted lately: what makes an event count once (law 2). A ring of 64-bit hashes,
// oldest out first, so that what is remembered is a function of the log alone. Two different ids share a hash with
// probability n ÷ 2⁶⁴: below one in 10¹³ for a full ring. Memory grows with use, up to 16 bytes an id. Where a hash lies in
// the table depends on a secret, so that nobody can send ids that crowd in one place; what is remembered does not.

const FIRST_CAPACITY = 256;

/** 64 bits of a string as two unsigned halves: two lanes of multiply-and-rotate over its UTF-16 units, mixed at the end. */
export function hashId(id: string): { hi: number; lo: number } {
  let a = 0x9e3779b9 ^ id.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ unit, 0x1b873593);
    b = (b << 13) | (b >>> 19);
  }
  a ^= b >>> 16;
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  b ^= a >>> 15;
  b = Math.imul(b ^ (b >>> 16), 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 12), 0x297a2d39);
  return { hi: (a ^ (a >>> 16)) >>> 0, lo: (b ^ (b >>> 15)) >>> 0 };
}

export class RecentIds {
  readonly #max: number;
  #hi = new Uint32Array(FIRST_CAPACITY);
  #lo = new Uint32Array(FIRST_CAPACITY);
  /** Open addressing: index into the ring + 1, 0 for a free place. Twice as many places as ids. */
  #table = new Int32Array(FIRST_CAPACITY * 2);
  /** Ids ever added; the newest is at (#added - 1) mod capacity. */
  #added = 0;

  readonly #secret: number;

  /** `max` is a power of two; `secret` 32 random bits. */
  constructor(max: number, secret = 0) {
    this.#max = max;
    this.#secret = secret;
  }

  /** Ids ever added: a position in the sequence for `since`. */
  get added(): number {
    return this.#added;
  }

  get size(): number {
    return Math.min(this.#added, this.#hi.length);
  }

  has(id: string): boolean {
    const { hi, lo } = hashId(id);
    return this.#find(hi, lo) >= 0;
  }

  /** Remembers the id; false when it was remembered already. */
  add(id: string): boolean {
    const { hi, lo } = hashId(id);
    return this.addHash(hi, lo);
  }

  addHash(hi: number, lo: number): boolean {
    if (this.#find(hi, lo) >= 0) return false;
    if (this.#added >= this.#hi.length) {
      if (this.#hi.length < this.#max) this.#grow();
      else this.#forget(this.#added & (this.#hi.length - 1));
    }
    const index = this.#added & (this.#hi.length - 1);
    this.#hi[index] = hi;
    this.#lo[index] = lo;
    this.#place(index);
    this.#added++;
    return true;
  }

  /** The hashes added after position `from` that are still remembered, oldest first: 8 bytes each. */
  since(from: number): Uint8Array<ArrayBuffer> {
    const first = Math.max(from, this.#added - this.size);
    const out = new Uint32Array((this.#added - first) * 2);
    for (let n = first, at = 0; n < this.#added; n++) {
      const index = n & (this.#hi.length - 1);
      out[at++] = this.#hi[index]!;
      out[at++] = this.#lo[index]!;
    }
    return new Uint8Array(out.buffer);
  }

  /** Adds what `since` gave. */
  restore(bytes: Uint8Array): void {
    const halves = new Uint32Array(bytes.slice().buffer);
    for (let i = 0; i + 1 < halves.length; i += 2) this.addHash(halves[i]!, halves[i + 1]!);
  }

  #home(hi: number, lo: number): number {
    const mixed = Math.imul((hi ^ this.#secret) | 1, 0x9e3779b1) ^ Math.imul(lo ^ (this.#secret >>> 7), 0x85ebca6b);
    return mixed ^ (mixed >>> 15);
  }

  #find(hi: number, lo: number): number {
    const mask = this.#table.length - 1;
    for (let place = this.#home(hi, lo) & mask; ; place = (place + 1) & mask) {
      const entry = this.#table[place]!;
      if (entry === 0) return -1;
      if (this.#lo[entry - 1] === lo && this.#hi[entry - 1] === hi) return place;
    }
  }

  #place(index: number): void {
    const mask = this.#table.length - 1;
    let place = this.#home(this.#hi[index]!, this.#lo[index]!) & mask;
    while (this.#table[place] !== 0) place = (place + 1) & mask;
    this.#table[place] = index + 1;
  }

  // Removing from open addressing: whoever was pushed past the hole by a collision moves back into it.
  #forget(index: number): void {
    const mask = this.#table.length - 1;
    let hole = this.#find(this.#hi[index]!, this.#lo[index]!);
    for (let place = (hole + 1) & mask; this.#table[place] !== 0; place = (place + 1) & mask) {
      const entry = this.#table[place]! - 1;
      const home = this.#home(this.#hi[entry]!, this.#lo[entry]!) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      this.#table[hole] = this.#table[place]!;
      hole = place;
    }
    this.#table[hole] = 0;
  }

  #grow(): void {
    const hi = new Uint32Array(this.#hi.length * 2);
    const lo = new Uint32Array(hi.length);
    hi.set(this.#hi);
    lo.set(this.#lo);
    this.#hi = hi;
    this.#lo = lo;
    this.#table = new Int32Array(hi.length * 2);
    for (let index = 0; index < this.#added; index++) this.#place(index);
  }
}
