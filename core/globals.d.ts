// The few pure web globals that core/ may use. Everything else of the platform (fetch, crypto, console, timers)
// does not exist here, so purity is a fact the compiler checks.
declare class URL {
  constructor(url: string, base?: string);
  readonly protocol: string;
  readonly hostname: string;
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly searchParams: URLSearchParams;
  static canParse(url: string, base?: string): boolean;
}
declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string);
  get(name: string): string | null;
  [Symbol.iterator](): Iterator<[string, string]>;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(input?: Uint8Array): string;
}
/** Bytes as a string of one character each, to base64 and back. */
declare function btoa(binary: string): string;
declare function atob(base64: string): string;
