// The one global that the tracker gives a page, for its own code and for every TypeScript page that embeds it.

export type Params = Record<string, unknown>;

export interface Track {
  (name: string, params?: unknown): void;
  /** Calls made before the script was there, left by the stub. */
  q?: ArrayLike<unknown>[];
  /** A tracker is at work: a script tag that is there twice must not count twice. */
  on?: boolean;
}

declare global {
  interface Window {
    countinghouse?: Track;
  }
  interface Document {
    /** True until a page that was loaded ahead is really looked at. */
    prerendering?: boolean;
  }
}
