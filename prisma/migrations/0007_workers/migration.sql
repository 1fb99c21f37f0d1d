-- Workers that run now, by SQL only: Prisma does not know this table. A row is its worker's alone, written again and again.
CREATE TABLE worker (
    id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    host_fingerprint TEXT, -- of what it measured last; null until it has
    cpuset TEXT NOT NULL,
    targets TEXT[] NOT NULL,
    capabilities JSONB NOT NULL, -- Capability[]
    knobs JSONB NOT NULL, -- KnobReport[], as they were at its start
    job_id UUID, -- what it holds now
    started_at TIMESTAMPTZ(3) NOT NULL,
    seen_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- The newest samples of a host, for its noise.
CREATE INDEX sample_host_idx ON sample (host_fingerprint, started_at DESC);
