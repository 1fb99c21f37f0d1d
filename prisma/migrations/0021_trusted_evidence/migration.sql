-- A/A comparisons count for a host only if an administrator submitted the job, and for a limited
-- time. Who submitted the earlier ones is unknown, so none of them counts.
ALTER TABLE "job" ADD COLUMN "calibrates" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "same_comparison" ADD COLUMN "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch';
ALTER TABLE "same_comparison" ALTER COLUMN "recorded_at" SET DEFAULT now();
