-- Runs of a block are compared in groups, at several sizes, with links and places of the stack of their own.
ALTER TABLE "sample"
    ADD COLUMN "run_group" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "size" TEXT NOT NULL DEFAULT 'full',
    ADD COLUMN "size_value" INTEGER,
    ADD COLUMN "link" INTEGER,
    ADD COLUMN "cpus" TEXT NOT NULL DEFAULT '',
    ADD COLUMN "environment_bytes" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "stack_bytes" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "minor_faults" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "major_faults" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "voluntary_switches" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "involuntary_switches" BIGINT NOT NULL DEFAULT 0;
DROP INDEX "sample_job_id_kind_block_side_variant_workload_key";
-- The counts of the guest on both sides had one place.
UPDATE "sample" SET "position" = "placed"."place"
FROM (
    SELECT "id", row_number() OVER (PARTITION BY "job_id" ORDER BY "position", "id") - 1 AS "place"
    FROM "sample" WHERE "kind" = 'instructions' AND "block" = 0
) AS "placed"
WHERE "sample"."id" = "placed"."id" AND "sample"."position" <> "placed"."place";
CREATE UNIQUE INDEX "sample_job_id_kind_block_position_key" ON "sample"("job_id", "kind", "block", "position");

ALTER TABLE "build" ADD COLUMN "links" INTEGER NOT NULL DEFAULT 1;

-- Of an A/A comparison it counts whether its verdict was a difference.
ALTER TABLE "same_comparison" ADD COLUMN "alarm" BOOLEAN NOT NULL DEFAULT false;
UPDATE "same_comparison" SET "alarm" = "p_value" <= 0.05;
ALTER TABLE "same_comparison" DROP COLUMN "p_value", ALTER COLUMN "alarm" DROP DEFAULT;

-- How guests were seen to vary on a host: what a new job's time is estimated from.
CREATE TABLE "guest_noise" (
    "host_fingerprint" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "noise_sd" DOUBLE PRECISION NOT NULL,
    "layout_sd" DOUBLE PRECISION,
    "run_seconds" DOUBLE PRECISION NOT NULL,
    "measured_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "guest_noise_pkey" PRIMARY KEY ("host_fingerprint", "target", "workload")
);
CREATE INDEX "guest_noise_target_workload_measured_at_idx" ON "guest_noise"("target", "workload", "measured_at" DESC);

-- A request says its threshold where it says when to stop.
UPDATE "job" SET "request" = ("request" - 'threshold')
    || jsonb_build_object('measure', jsonb_build_object('threshold', coalesce("request"->'threshold', '0.02')))
WHERE "request"->'measure' IS NULL;
-- Blocks tell how far measuring is, not runs.
DELETE FROM "job_event" WHERE "body"->>'type' = 'sample';
