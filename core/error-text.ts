// What was thrown, as one line for logs and records. Never for a client.

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
