// Numbers as Parquet packs them: runs and bit-packed groups, and deltas in blocks. Into typed arrays and without an object or
// a big integer for any of them, which is what makes going through a million rows a matter of milliseconds.

/** Bytes and where reading has come to. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
}

/** Bit-packed values are put together in 32 bits, with up to 7 left over from the byte before. */
const FAST_WIDTH_MAX = 24;
/** What is longer is filled by a call. */
const LONG_RUN = 64;
/** Several of them are in a byte. */
const SMALL_WIDTH_MAX = 4;

/** `count` values of the hybrid of runs and bit-packed groups, from the cursor on. */
export function unpackHybrid(from: Cursor, width: number, out: Int32Array, count: number): void {
  if (width > FAST_WIDTH_MAX) throw new Error(`codes of ${width} bits`);
  if (width === 0) {
    out.fill(0, 0, count);
    return;
  }
  const widthBytes = (width + 7) >> 3;
  let at = 0;
  while (at < count) {
    const head = unsignedOf(from);
    if ((head & 1) === 1) {
      const values = (head >>> 1) * 8;
      const next = from.at + (values * width) / 8;
      unpackBits(from, width, out, at, Math.min(values, count - at));
      from.at = next;
      at += values;
      continue;
    }
    const end = Math.min(count, at + (head >>> 1));
    if (end === at) throw new Error("a run without values");
    let value = 0;
    for (let byte = 0; byte < widthBytes; byte++) value |= from.bytes[from.at++]! << (8 * byte);
    // Most runs are short: a call for each would cost more than they do.
    if (end - at > LONG_RUN) out.fill(value, at, end);
    else for (let place = at; place < end; place++) out[place] = value;
    at = end;
  }
}

/**
 * Of `count` such values, which have the places from `first` on, those at the places `places`, which ascend, into `out` at the
 * same index; from `index` on. Gives the index of the first place beyond. What lies between is not unpacked.
 */
export function pickHybrid(
  from: Cursor,
  width: number,
  { first, count, places, index }: { first: number; count: number; places: Int32Array; index: number },
  out: Int32Array,
): number {
  if (width > FAST_WIDTH_MAX) throw new Error(`codes of ${width} bits`);
  const { bytes } = from;
  const mask = (1 << width) - 1;
  const widthBytes = (width + 7) >> 3;
  const last = first + count;
  let at = first;
  while (at < last && index < places.length && places[index]! < last) {
    const head = width === 0 ? count * 2 : unsignedOf(from);
    if ((head & 1) === 1) {
      const values = (head >>> 1) * 8;
      const end = Math.min(last, at + values);
      for (; index < places.length && places[index]! < end; index++) {
        const bit = (places[index]! - at) * width;
        out[index] = (fourBytes(bytes, from.at + (bit >>> 3)) >>> (bit & 7)) & mask;
      }
      from.at += (values * width) / 8;
      at = end;
      continue;
    }
    const end = Math.min(last, at + (head >>> 1));
    if (end === at) throw new Error("a run without values");
    let value = 0;
    for (let byte = 0; byte < widthBytes; byte++) value |= bytes[from.at++]! << (8 * byte);
    for (; index < places.length && places[index]! < end; index++) out[index] = value;
    at = end;
  }
  return index;
}

/** `count` values of `width` ≤ 24 bits into `out` from `to` on; the cursor stays. */
function unpackBits({ bytes, at }: Cursor, width: number, out: Int32Array, to: number, count: number): void {
  const mask = (1 << width) - 1;
  // Four bytes hold any value, wherever in the first it begins; near the end some of them are not there.
  const whole = Math.max(0, Math.min(count, Math.floor(((bytes.length - at - 4) * 8) / width)));
  let bit = at * 8;
  for (const end = to + whole; to < end; to++, bit += width) {
    const byte = bit >>> 3;
    const four = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16) | (bytes[byte + 3]! << 24);
    out[to] = (four >>> (bit & 7)) & mask;
  }
  for (const end = to + count - whole; to < end; to++, bit += width) {
    const byte = bit >>> 3;
    let four = 0;
    for (let i = 0; i < 4; i++) four |= (bytes[byte + i] ?? 0) << (8 * i);
    out[to] = (four >>> (bit & 7)) & mask;
  }
}

/** `count` values of DELTA_BINARY_PACKED. Exact up to 2^53. */
export function unpackDeltas(from: Cursor, out: Int32Array | Float64Array, count: number): void {
  const blockValues = unsignedOf(from);
  const miniblocks = unsignedOf(from);
  const total = unsignedOf(from);
  if (total !== count) throw new Error(`${total} deltas for ${count} values`);
  let value = zigzag(unsignedOf(from));
  if (count === 0) return;
  out[0] = value;
  const perMiniblock = blockValues / miniblocks;
  const ints = out instanceof Int32Array ? out : null;
  for (let at = 1; at < count;) {
    const least = zigzag(unsignedOf(from));
    const widthsAt = from.at;
    from.at += miniblocks;
    for (let block = 0; block < miniblocks && at < count; block++) {
      const width = from.bytes[widthsAt + block]!;
      const end = Math.min(count, at + perMiniblock);
      if (ints !== null && width <= SMALL_WIDTH_MAX) value = addSmall(from, width, least, value, ints, at, end);
      else value = addDeltas(from, width, least, value, out, at, end);
      from.at += (perMiniblock * width) / 8;
      at = end;
    }
  }
}

/** Fills `out` from `at` to `end` with what comes of adding the packed deltas to `value`, and gives the last. The cursor stays. */
function addDeltas(
  from: Cursor,
  width: number,
  least: number,
  value: number,
  out: Int32Array | Float64Array,
  at: number,
  end: number,
): number {
  const { bytes } = from;
  let bit = from.at * 8;
  if (width === 0) {
    for (; at < end; at++) out[at] = value += least;
  } else if (width > 32) {
    for (let skip = 0; at < end; at++, skip += width) out[at] = value += least + wideBits(from, skip, width);
  } else if (width > FAST_WIDTH_MAX) {
    for (; at < end; at++, bit += width) {
      const byte = bit >>> 3;
      const shift = bit & 7;
      const low = fourBytes(bytes, byte) >>> shift;
      // A shift by 32 is none: what begins with a byte needs no fifth one.
      const high = shift === 0 ? 0 : (bytes[byte + 4] ?? 0) << (32 - shift);
      const delta = width === 32 ? low | high : (low | high) & ((1 << width) - 1);
      out[at] = value += least + (delta >>> 0);
    }
  } else {
    const mask = (1 << width) - 1;
    for (; at < end; at++, bit += width)
      out[at] = value += least + ((fourBytes(bytes, bit >>> 3) >>> (bit & 7)) & mask);
  }
  return value;
}

/** The same of numbers of 32 bits with small differences, as a processor adds them: a byte has several of them. */
function addSmall(
  { bytes, at: byte }: Cursor,
  width: number,
  least: number,
  value: number,
  out: Int32Array,
  at: number,
  end: number,
): number {
  const low = least | 0;
  let sum = value | 0;
  if (width === 0) {
    for (; at < end; at++) out[at] = sum = (sum + low) | 0;
    return sum;
  }
  const mask = (1 << width) - 1;
  let held = 0;
  let bits = 0;
  for (; at < end; at++) {
    for (; bits < width; bits += 8) held |= bytes[byte++]! << bits;
    out[at] = sum = (sum + low + (held & mask)) | 0;
    held >>= width;
    bits -= width;
  }
  return sum;
}

/** Near the end some of them are not there. */
const fourBytes = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** `width` bits that begin `skip` bits from the cursor, which stays. */
function wideBits({ bytes, at }: Cursor, skip: number, width: number): number {
  let value = 0;
  for (let got = 0; got < width;) {
    const bit = skip + got;
    const inByte = bit & 7;
    const take = Math.min(8 - inByte, width - got);
    value += ((bytes[at + (bit >>> 3)]! >>> inByte) & ((1 << take) - 1)) * 2 ** got;
    got += take;
  }
  return value;
}

/** LEB128. */
export function unsignedOf(from: Cursor): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error("bytes end within a number");
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

const zigzag = (n: number): number => (n % 2 === 0 ? n / 2 : -(n + 1) / 2);
