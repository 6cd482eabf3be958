CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"who" text NOT NULL,
	"action" text NOT NULL,
	"merchant" text,
	"subject" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replay_runs" (
	"id" bigint PRIMARY KEY DEFAULT nextval('rollup_generations') NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"who" text NOT NULL,
	"why" text NOT NULL,
	"merchants" text[],
	"date_from" date NOT NULL,
	"date_to" date NOT NULL,
	"rules" json NOT NULL,
	"processing" json NOT NULL,
	"preview" boolean NOT NULL,
	"state" text DEFAULT 'counting' NOT NULL,
	"progress_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"applied_at" timestamp with time zone,
	"rolled_back_at" timestamp with time zone,
	"dropped_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "replay_units" (
	"run" bigint NOT NULL,
	"merchant" text NOT NULL,
	"date" date NOT NULL,
	"shard" smallint NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"claim" integer DEFAULT 0 NOT NULL,
	"sent_at" timestamp with time zone,
	"base_generation" integer,
	"sealed_seq" bigint,
	"through" bigint,
	"rows" bigint,
	"verdicts" json,
	"proof" text,
	"counted_as" json,
	"difference" json,
	"error" text,
	"applied_at" timestamp with time zone,
	"former" json,
	"dropped_at" timestamp with time zone,
	CONSTRAINT "replay_units_pkey" PRIMARY KEY("run","merchant","date","shard")
);
--> statement-breakpoint
ALTER TABLE "day_book" ADD COLUMN "counted_as" json;--> statement-breakpoint
ALTER TABLE "replay_units" ADD CONSTRAINT "replay_units_run_replay_runs_id_fk" FOREIGN KEY ("run") REFERENCES "public"."replay_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "replay_units_state" ON "replay_units" USING btree ("run","state");--> statement-breakpoint
CREATE INDEX "day_book_unsettled" ON "day_book" USING btree ("date") WHERE sealed_at IS NULL OR proven = false OR stale_seq IS NOT NULL;