-- Profiles of runs: see docs/decisions/0022-profiles.md. The tables are written and read by SQL only;
-- Prisma does not know them.

CREATE TABLE profile (
    job_id UUID NOT NULL,
    side TEXT NOT NULL, -- head | base
    variant TEXT NOT NULL,
    workload TEXT NOT NULL, -- label
    method TEXT NOT NULL, -- callgrind | sampler
    unit TEXT NOT NULL, -- instructions | samples
    size_value INTEGER, -- value of the workload's size parameter
    events NUMERIC(20, 0), -- counted in the profiled run
    total BIGINT NOT NULL,
    split JSONB NOT NULL, -- [{part, self}]
    functions JSONB NOT NULL, -- {functions, omitted}
    tree JSONB NOT NULL, -- [{parent, name, part, self}]
    file BYTEA, -- of the profiler, gzip; null: it has expired
    file_bytes INTEGER NOT NULL, -- unpacked
    stored_bytes INTEGER NOT NULL, -- of all columns, as counted in job.sample_bytes
    taken_at TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY (job_id, side, variant, workload)
);
ALTER TABLE profile ALTER COLUMN file SET STORAGE EXTERNAL; -- it is compressed already
-- Machine code of a variant: sizes, and disassembled functions with trace points.
CREATE TABLE machine_code (
    job_id UUID NOT NULL,
    side TEXT NOT NULL,
    variant TEXT NOT NULL,
    code JSONB NOT NULL,
    stored_bytes INTEGER NOT NULL, -- as counted in job.sample_bytes
    PRIMARY KEY (job_id, side, variant)
);

CREATE INDEX profile_file_idx ON profile (taken_at) WHERE file IS NOT NULL;
