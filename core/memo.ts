// Remembers what a pure function made of a string. Bounded in entries and in the length of a key, so that no sender can
// fill the memory: what is forgotten or too long is computed again. Two generations, so that the values in use
// survive when the rest is dropped.

const ENTRIES_MAX = 4_096;
/** Longer ones (tracking parameters, mostly) hardly ever come twice. */
const KEY_CHARS_MAX = 512;

export const memo = <Value>(make: (key: string) => Value): ((key: string) => Value) => {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (key) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const value = old.get(key) ?? make(key);
    if (key.length > KEY_CHARS_MAX) return value;
    if (young.size >= ENTRIES_MAX / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };
};
