// The way to Postgres: SQL over HTTP through Neon's driver, one request a query, nothing kept open. In production the
// host of DATABASE_URL answers; locally NEON_BRIDGE (host:port) stands for it, and the code is the same.
// A query that takes longer than QUERY_TIMEOUT_MS is given up: the caller sees an error like that of a lost connection.

import { neon, neonConfig, type NeonQueryFunction } from "@neondatabase/serverless";

const QUERY_TIMEOUT_MS = 10_000;

export interface DatabaseEnv {
  DATABASE_URL: string;
  /** host:port of the local bridge; absent in production. */
  NEON_BRIDGE?: string;
}

/** `sql\`…\`` or `sql.query(text, parameters)`. Note: bigint and numeric arrive as strings, `date` as a Date in the host's zone. */
export type Sql = NeonQueryFunction<false, false>;

const fetchWithTimeout = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, { ...init, signal: AbortSignal.timeout(QUERY_TIMEOUT_MS) });

export const database = (env: DatabaseEnv): Sql => {
  neonConfig.fetchFunction = fetchWithTimeout;
  if (env.NEON_BRIDGE !== undefined) neonConfig.fetchEndpoint = `http://${env.NEON_BRIDGE}/sql`;
  return neon(env.DATABASE_URL);
};

/**
 * Whether Postgres refused the data itself (SQLSTATE classes 22, data exception, and 23, integrity), so that sending it
 * again can only fail again. Anything else (no connection, timeout, deadlock, a table not there yet) may pass.
 */
export const isDataError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^2[23]/.test(error.code);
