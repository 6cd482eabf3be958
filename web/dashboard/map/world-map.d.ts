// The module that vite-plugin.ts makes.

declare module "virtual:world-map" {
  export const SIZE: readonly [number, number];
  /** Codes are ISO 3166-1 alpha-2; "" where there is none. */
  export const OUTLINES: readonly { code: string; path: string; center: readonly [number, number] }[];
}
