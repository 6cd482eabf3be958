// Compares secrets in a time that says nothing about them: both are hashed first, so their lengths do not matter.

const encoder = new TextEncoder();

export async function sameSecret(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [given, expected].map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))),
  );
  return crypto.subtle.timingSafeEqual(a!, b!);
}
