-- What a sample is for, what was going on meanwhile, and instructions. Samples from before are timed ones.
ALTER TABLE "sample"
    ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'timed',
    ADD COLUMN "host_instructions" BIGINT,
    ADD COLUMN "guest_instructions" BIGINT,
    ADD COLUMN "noise" JSONB;
DROP INDEX "sample_job_id_block_variant_workload_key";
CREATE UNIQUE INDEX "sample_job_id_kind_block_variant_workload_key" ON "sample"("job_id", "kind", "block", "variant", "workload");
