// A running SHA-256 of texts: each step hashes the one before and a text, so that the last one stands for all of them in
// their order. Not a stream, since only the edge's runtime has one of those.

const encoder = new TextEncoder();

export class RunningHash {
  #hex = "";

  async add(text: string): Promise<void> {
    const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`${this.#hex}\n${text}`));
    this.#hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Hexadecimal; empty while nothing has been added. */
  get hex(): string {
    return this.#hex;
  }
}
