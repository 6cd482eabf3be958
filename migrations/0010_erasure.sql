CREATE TABLE "erased_days" (
	"run" bigint NOT NULL,
	"date" date NOT NULL,
	"shard" smallint NOT NULL,
	"events" integer NOT NULL,
	"generation" integer,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"tidied_at" timestamp with time zone,
	"swept_at" timestamp with time zone,
	CONSTRAINT "erased_days_pkey" PRIMARY KEY("run","date","shard")
);
--> statement-breakpoint
CREATE TABLE "erased_merchants" (
	"id" text PRIMARY KEY NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"removed" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"run" bigint PRIMARY KEY NOT NULL,
	"merchant" text NOT NULL,
	"visitor" text NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"who" text NOT NULL,
	"why" text
);
--> statement-breakpoint
ALTER TABLE "day_book" ADD COLUMN "events_dropped_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "merchants" ADD COLUMN "events_from" date;--> statement-breakpoint
ALTER TABLE "erased_days" ADD CONSTRAINT "erased_days_run_erasures_run_fk" FOREIGN KEY ("run") REFERENCES "public"."erasures"("run") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_run_replay_runs_id_fk" FOREIGN KEY ("run") REFERENCES "public"."replay_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_merchant_merchants_id_fk" FOREIGN KEY ("merchant") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erased_days_to_sweep" ON "erased_days" USING btree ("at") WHERE swept_at IS NULL;--> statement-breakpoint
CREATE INDEX "erasures_merchant" ON "erasures" USING btree ("merchant","asked_at");