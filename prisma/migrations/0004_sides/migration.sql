-- Jobs with a base: what was measured before is head's, in the only batch.
ALTER TABLE "sample" ADD COLUMN "side" TEXT NOT NULL DEFAULT 'head';
ALTER TABLE "sample" ADD COLUMN "batch" INTEGER NOT NULL DEFAULT 1;
DROP INDEX "sample_job_id_kind_block_variant_workload_key";
CREATE UNIQUE INDEX "sample_job_id_kind_block_side_variant_workload_key" ON "sample"("job_id", "kind", "block", "side", "variant", "workload");

ALTER TABLE "build" ADD COLUMN "side" TEXT NOT NULL DEFAULT 'head';
ALTER TABLE "build" DROP CONSTRAINT "build_pkey";
ALTER TABLE "build" ADD CONSTRAINT "build_pkey" PRIMARY KEY ("job_id", "side", "variant");

CREATE TABLE "same_comparison" (
    "job_id" UUID NOT NULL,
    "workload" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "host_fingerprint" TEXT NOT NULL,
    "p_value" DOUBLE PRECISION NOT NULL,
    CONSTRAINT "same_comparison_pkey" PRIMARY KEY ("job_id", "workload", "variant")
);
CREATE INDEX "same_comparison_host_fingerprint_idx" ON "same_comparison"("host_fingerprint");
