ALTER TABLE "replay_runs" ADD COLUMN "kind" text DEFAULT 'replay' NOT NULL;--> statement-breakpoint
ALTER TABLE "replay_runs" ADD COLUMN "listing" text;--> statement-breakpoint
ALTER TABLE "replay_units" ADD COLUMN "preview_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "replay_units" ADD COLUMN "at_seal" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "replay_units" ADD COLUMN "findings" json;--> statement-breakpoint
CREATE INDEX "replay_units_day" ON "replay_units" USING btree ("merchant","date","shard");