CREATE TABLE "rules_versions" (
	"merchant" text NOT NULL,
	"version" integer NOT NULL,
	"rules" json NOT NULL,
	"who" text NOT NULL,
	"why" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rules_versions_pkey" PRIMARY KEY("merchant","version")
);
--> statement-breakpoint
ALTER TABLE "rules_versions" ADD CONSTRAINT "rules_versions_merchant_merchants_id_fk" FOREIGN KEY ("merchant") REFERENCES "public"."merchants"("id") ON DELETE cascade ON UPDATE no action;