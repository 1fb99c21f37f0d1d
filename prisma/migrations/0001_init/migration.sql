CREATE TABLE "upload" (
    "digest" TEXT NOT NULL,
    "files" JSONB NOT NULL,
    "tar" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "upload_pkey" PRIMARY KEY ("digest")
);

CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "plan" JSONB NOT NULL,
    "idempotency_key" TEXT,
    "request_digest" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "worker" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "not_before" TIMESTAMPTZ(3),
    "blocks_done" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "error" JSONB,
    "last_sequence" INTEGER NOT NULL DEFAULT 0,
    "last_log" INTEGER NOT NULL DEFAULT 0,
    "log_bytes" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "job_idempotency_key_key" ON "job"("idempotency_key");
CREATE INDEX "job_created_at_id_idx" ON "job"("created_at", "id");
CREATE INDEX "job_state_idx" ON "job"("state");

CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "job_event" (
    "job_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "body" JSONB NOT NULL,
    CONSTRAINT "job_event_pkey" PRIMARY KEY ("job_id", "sequence")
);

CREATE TABLE "job_log" (
    "job_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "step" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "job_log_pkey" PRIMARY KEY ("job_id", "sequence")
);

CREATE TABLE "host" (
    "digest" TEXT NOT NULL,
    "fingerprint" JSONB NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "host_pkey" PRIMARY KEY ("digest")
);

CREATE TABLE "build" (
    "job_id" UUID NOT NULL,
    "variant" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "inputs" JSONB NOT NULL,
    "binary_digest" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "cached" BOOLEAN NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    CONSTRAINT "build_pkey" PRIMARY KEY ("job_id", "variant")
);

CREATE TABLE "sample" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "block" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "variant" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "wall_ns" BIGINT NOT NULL,
    "user_ns" BIGINT NOT NULL,
    "system_ns" BIGINT NOT NULL,
    "max_rss_bytes" BIGINT NOT NULL,
    "exit_status" INTEGER NOT NULL,
    "metrics" JSONB NOT NULL,
    "events" JSONB,
    "records_stored" BIGINT,
    "records_dropped" BIGINT,
    "host_fingerprint" TEXT NOT NULL,
    "build_key" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "sample_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "sample_job_id_block_variant_workload_key" ON "sample"("job_id", "block", "variant", "workload");

-- Traces are written by COPY and read by SQL only; Prisma does not know these tables.
CREATE TABLE trace (
    id BIGSERIAL PRIMARY KEY,
    sample_id BIGINT NOT NULL UNIQUE REFERENCES sample (id) ON DELETE CASCADE,
    job_id UUID NOT NULL,
    format TEXT NOT NULL,
    records BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL,
    first_ns BIGINT,
    last_ns BIGINT
);
CREATE INDEX trace_job_id_idx ON trace (job_id);

CREATE TABLE trace_event (
    trace_id BIGINT NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    event_id SMALLINT NOT NULL,
    name TEXT NOT NULL,
    arguments JSONB NOT NULL,
    count BIGINT NOT NULL,
    first_ns BIGINT NOT NULL,
    last_ns BIGINT NOT NULL,
    PRIMARY KEY (trace_id, event_id)
);

-- Some thousand records a row, an array per column; the first delta of a row is from its min_ns.
CREATE TABLE trace_chunk (
    trace_id BIGINT NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    first_sequence BIGINT NOT NULL,
    record_count INTEGER NOT NULL,
    min_ns BIGINT NOT NULL,
    max_ns BIGINT NOT NULL,
    event SMALLINT[] NOT NULL,
    delta_ns BIGINT[] NOT NULL,
    pid INTEGER[] NOT NULL,
    argument0 BIGINT[],
    argument1 BIGINT[],
    argument2 BIGINT[],
    argument3 BIGINT[],
    argument4 BIGINT[],
    argument5 BIGINT[],
    argument6 BIGINT[],
    argument7 BIGINT[],
    argument8 BIGINT[],
    argument9 BIGINT[],
    strings TEXT[] NOT NULL,
    PRIMARY KEY (trace_id, first_sequence)
);
