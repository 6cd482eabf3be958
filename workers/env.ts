// The bindings of wrangler.toml, as every handler sees them.

import type {
  OverflowMessage,
  ChunkMessage,
  RollupMessage,
  BooksMessage,
  DeadLetter,
  JobMessage,
  ReplayMessage,
  SealMessage,
} from "../core/messages.ts";

export interface Env {
  ASSETS: Fetcher;
  MERCHANT_SHARD: DurableObjectNamespace;
  SALT_KEEPER: DurableObjectNamespace;
  MERCHANTS: KVNamespace;
  ARCHIVE: R2Bucket;
  EVENTS_QUEUE: Queue<ChunkMessage>;
  ROLLUPS_QUEUE: Queue<RollupMessage | BooksMessage>;
  OVERFLOW_QUEUE: Queue<OverflowMessage>;
  SEAL_QUEUE: Queue<SealMessage>;
  REPLAY_QUEUE: Queue<ReplayMessage>;
  JOBS_QUEUE: Queue<JobMessage>;
  DEAD_LETTERS_QUEUE: Queue<DeadLetter>;
  TOKEN_RATE: RateLimit;
  MERCHANT_RATE: RateLimit;
  DATABASE_URL: string;
  OPERATOR_TOKEN: string;
  INGEST_TOKEN: string;
  /** Signs session cookies and what is sent by mail; 32 characters or more. */
  AUTH_SECRET: string;
  /** Keys the hash of visitors' supplied ids; 32 characters or more. With another one they are other visitors. */
  VISITOR_SECRET: string;
  MAIL: SendEmail;
  /** Whom mail comes from. */
  MAIL_FROM: string;
  /** host:port of the local stack's mailbox; absent in production. */
  MAILBOX?: string;
  PUBLISH_AFTER_MS: string;
  ARCHIVE_AFTER_MS: string;
  SEAL_AFTER_MS: string;
  /** host:port of the local bridge to Postgres; absent in production. */
  NEON_BRIDGE?: string;
}
