// Every bound of the system, unit in its name. Production limits of the platform stand beside ours because the
// local runtime is laxer than production: what is not checked here is not checked anywhere.
// `limits.test.ts` asserts the relations between them.

// The platform (Cloudflare Workers, Durable Objects, Queues; their documentation of 2026-11).
export const SQL_ROW_BYTES_MAX = 2_000_000;
export const QUEUE_MESSAGE_BYTES_MAX = 128_000;
export const QUEUE_BATCH_BYTES_MAX = 256_000;
/** A queue operation is billed per 64 KB; a message up to this size (metadata included) costs one. */
export const QUEUE_OPERATION_BYTES = 63_900;

// The door: what one request may carry.
export const REQUEST_BYTES_MAX = 1_000_000;
export const REQUEST_EVENTS_MAX = 500;

// One event. Longer optional text is cut, longer identifying text is refused.
export const EVENT_ID_CHARS_MAX = 64;
export const EVENT_NAME_CHARS_MAX = 120;
export const MERCHANT_ID_CHARS_MAX = 32;
export const URL_CHARS_MAX = 2_000;
export const TITLE_CHARS_MAX = 300;
export const USER_AGENT_CHARS_MAX = 512;
export const LANGUAGE_CHARS_MAX = 35;
export const SCREEN_CHARS_MAX = 11;
export const USER_CHARS_MAX = 200;
export const PLACE_CHARS_MAX = 100;
export const PROPS_MAX = 30;
export const PROP_NAME_CHARS_MAX = 100;
export const PROP_VALUE_CHARS_MAX = 500;
/** A wholesale order has hundreds of lines; what it may weigh is bounded by EVENT_BYTES_MAX. */
export const ITEMS_MAX = 1_000;
export const ITEM_TEXT_CHARS_MAX = 200;
export const TRANSACTION_ID_CHARS_MAX = 100;
/** The largest |value| or |price × quantity|, in major units: a million is 60 dollars in rupiah and 40 in dong. */
export const MONEY_MAJOR_UNITS_MAX = 1_000_000_000;
/** What a sum of money cannot pass, in minor units × 10⁴: below 2^63, where Postgres' bigint ends. */
export const MONEY_SUM_MAX = 9e18;
export const ITEM_QUANTITY_MAX = 1_000_000;
/** An event as it is stored. A log row and a queue message must hold at least one. */
export const EVENT_BYTES_MAX = 64_000;

// Time.
export const LATE_MS_MAX = 72 * 3_600_000;
/** A clock ahead of ours by up to this is read as "now"; farther ahead is refused. */
export const FUTURE_MS_MAX = 5 * 60_000;
export const VISIT_GAP_MS = 30 * 60_000;
/** How long after its last event (in event time) a visit stays open for events that arrive out of order. */
export const VISIT_LINGER_MS = 40 * 60_000;
export const SALT_KEEP_MS = 48 * 3_600_000;

// One visit.
export const VISIT_SEEN_MAX = 200;
/** Live visits of one visitor at a time: more can only come from shuffled back-dating. */
export const VISITOR_VISITS_MAX = 8;

// One rollup.
export const DIMENSION_VALUES_MAX = 2_000;
export const DIMENSION_VALUE_CHARS_MAX = 300;

// One shard of a merchant.
export const SHARDS_MAX = 64;
/** A merchant's zones, one after the other. */
export const ZONES_MAX = 10;
/** How long a commit under load waits for more requests to share it. */
export const COMMIT_WINDOW_MS = 5;
/** Uncompressed bytes of one log row; whoever does not fit waits for the next commit. */
export const LOG_ROW_BYTES_MAX = 1_500_000;
/** Requests waiting for a commit: past it the shard says it is overloaded, and the batch takes the overflow queue. */
export const PENDING_BYTES_MAX = 16_000_000;
/** Log rows folded since the checkpoint, in bytes: bounds the time that recovery takes. */
export const CHECKPOINT_LOG_BYTES_MAX = 16_000_000;
/**
 * From here on an alarm writes one. Small merchants' objects recover for most of their requests: a checkpoint costs as
 * much as some 4,000 rows read.
 */
export const CHECKPOINT_LOG_BYTES_DUE = 128_000;
/** Uncompressed bytes of events in one raw chunk: 48–60 KB compressed at the ratio that real traffic has. */
export const CHUNK_BYTES_TARGET = 560_000;
/** Event ids that a shard remembers, newest first out of this many. */
export const EVENT_IDS_MAX = 524_288;
export const ORDER_IDS_MAX = 131_072;
/** Ids that a shard remembers to have given up to others: only of events that were sent again and had not come here. */
export const GIVEN_UP_IDS_MAX = 65_536;
/** Ids that a shard asks the others for at a time. */
export const ASKED_IDS_MAX = 5_000;
/** How often events are tried that other shards ask for meanwhile. */
export const APPEND_ROUNDS_MAX = 5;
/** How long after a merchant got more shards the former keeper of an order is asked too: a busy shard forgets sooner. */
export const ORDER_FORMER_KEEPER_DAYS = 31;
/**
 * Visitors with live visits in one day of a shard, about 1 KB each (measured) in memory and half of it in the checkpoint: 15
 * new visits a second. Past it the longest kept are closed, and a visit that goes on begins anew: time for more shards.
 */
export const LIVE_VISITORS_MAX = 40_000;
/** Hours that a shard keeps in memory besides those with live visits: a hot one has megabytes in each. */
export const HOURS_IN_MEMORY_MAX = 3;

/** How long Postgres keeps rollups of hours; days are kept. */
export const HOURS_KEPT_DAYS = 90;

// A report: what may be asked, and what may be read to answer.
export const QUERY_BYTES_MAX = 65_536;
export const QUERY_DIMENSIONS_MAX = 4;
/** Of one clause. */
export const QUERY_FILTER_VALUES_MAX = 1_000;
/** A value may be a property of an event, and those have 500 characters. */
export const QUERY_FILTER_VALUE_CHARS_MAX = 500;
/** Clauses and what combines them, of all filters together. */
export const QUERY_FILTERS_MAX = 100;
/** Filters within filters. */
export const QUERY_FILTER_DEPTH_MAX = 5;
/** Regular expressions of all filters together. */
export const QUERY_PATTERNS_MAX = 20;
/** A regular expression's length, and what it is compiled to: each step may be taken at each letter of a value. */
export const QUERY_PATTERN_CHARS_MAX = 200;
export const QUERY_PATTERN_STEPS_MAX = 400;
export const REPORT_DAYS_MAX = 1_100;
/** By minute: two days, also where the clocks go back. */
export const REPORT_MINUTE_HOURS_MAX = 49;
export const REPORT_ROWS_MAX = 10_000;
/** Estimated bytes of text that Postgres may send for one report: it must fit into an isolate several times over. */
export const REPORT_READ_BYTES_MAX = 32_000_000;
/** Columns of sealed days that an isolate keeps, in estimated bytes. */
export const REPORT_KEPT_BYTES_MAX = 16_000_000;
/** A source that has not answered a report by then counts as away. */
export const REPORT_SOURCE_MS_MAX = 6_000;

export const FUNNEL_STEPS_MAX = 8;
/** Names of properties that are told, and that are looked at in a day of a shard. */
export const PROPERTY_NAMES_MAX = 200;
export const PROPERTY_NAMES_A_DAY_MAX = 1_000;

// A scan of single events: what it may read and keep. Past it there is no answer.
/** Rows of one question and day. Their numbers take 22 bits at the most. */
export const SCAN_ROWS_MAX = 100_000;
/** Events of the days that are gone through: some seconds of CPU. */
export const SCAN_EVENTS_MAX = 50_000_000;
export const SCAN_BYTES_MAX = 500_000_000;
export const SCAN_MS_MAX = 20_000;
/** A request may ask the platform for some thousand things. */
export const SCAN_FILES_MAX = 800;
/** Of a day that is open, folded for one question; it takes ten times as long as to read as many of a sealed day. */
export const SCAN_OPEN_EVENTS_MAX = 200_000;
/** Parts of answers that an isolate remembers, and events of open days that it has folded, about 250 bytes each. */
export const SCAN_PARTS_BYTES_MAX = 8_000_000;
export const SCAN_OPEN_EVENTS_KEPT_MAX = 100_000;
/** Columns of sealed days' files that an isolate keeps for the next scan, as they are in the files. */
export const SCAN_COLUMNS_BYTES_MAX = 12_000_000;

// Jobs of one merchant: under way at a time, and kept for a day.
export const JOBS_UNDER_WAY_MAX = 3;
export const JOBS_MAX = 100;

// One request to GraphQL: what it may say, and what may be resolved for it.
export const GRAPHQL_TOKENS_MAX = 4_000;
export const GRAPHQL_BRACKETS_MAX = 64;
/** The usual question for the schema itself is some 13 deep. */
export const GRAPHQL_DEPTH_MAX = 16;
/** With fragments spread. */
export const GRAPHQL_FIELDS_MAX = 1_000;
export const GRAPHQL_REPORTS_MAX = 20;
/** Of all its reports, in all their rows: a second of CPU. */
export const GRAPHQL_RESULT_FIELDS_MAX = 500_000;

// Rules of processing, of one merchant. They travel with each batch of events, in the log and in messages.
export const RULES_JSON_CHARS_MAX = 16_000;
/** Entries of one list. */
export const RULE_ENTRIES_MAX = 200;
export const GOALS_MAX = 100;
/** A pattern, a name, a user agent's part. */
export const RULE_TEXT_CHARS_MAX = 200;
export const CHANNEL_NAME_CHARS_MAX = 60;

// What the books show of refused events.
/** Of one request, and kept by one shard. */
export const REJECTED_EXAMPLES_PER_REQUEST_MAX = 5;
export const REJECTED_EXAMPLES_MAX = 20;
export const REJECTED_EXAMPLES_KEEP_MS = 3 * 86_400_000;

// People and what they set up.
export const EMAIL_CHARS_MAX = 254;
export const PERSON_NAME_CHARS_MAX = 100;
export const PASSWORD_CHARS_MIN = 10;
export const PASSWORD_CHARS_MAX = 128;
export const ORGANISATION_NAME_CHARS_MAX = 100;
export const ORGANISATIONS_OF_PERSON_MAX = 100;
export const MEMBERS_MAX = 1_000;
export const MERCHANT_NAME_CHARS_MAX = 100;
export const MERCHANTS_OF_ORGANISATION_MAX = 10_000;
export const DOMAINS_MAX = 100;
export const DOMAIN_CHARS_MAX = 253;
export const RETENTION_DAYS_MAX = 36_500;

// Tokens of programs.
export const TOKEN_NAME_CHARS_MAX = 100;
/** That are in use, of an organisation; or of a merchant that is in none. */
export const TOKENS_MAX = 200;
/** How long a token that has been replaced goes on working. */
export const TOKEN_OVERLAP_HOURS_MAX = 720;

// How often may be asked, counted at each place of the network. The same numbers stand in wrangler.toml.
export const TOKEN_REQUESTS_A_MINUTE_MAX = 600;
/** A person's dashboard asks some dozen things every few seconds. */
export const MERCHANT_REQUESTS_A_MINUTE_MAX = 6_000;
/** Of an ingest token, each with up to 500 events: counted by each isolate. */
export const INGEST_REQUESTS_A_MINUTE_MAX = 60_000;

export const AUDIT_ENTRIES_MAX = 500;

// What a merchant's people keep of its reports, and whom they show them to.
export const SEGMENTS_MAX = 200;
export const ANNOTATIONS_MAX = 2_000;
export const ANNOTATION_TEXT_CHARS_MAX = 300;
export const LINKS_MAX = 100;
export const LINK_ORIGINS_MAX = 20;
/** What people enter to open a link; guessing it is slowed down. */
export const LINK_PASSWORD_CHARS_MIN = 8;
/** Of a segment, or of a link. */
export const SHARED_NAME_CHARS_MAX = 100;
