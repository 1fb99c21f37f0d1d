-- Histories are written and read by SQL only; Prisma does not know these tables.

-- A document of another tool, as it was understood.
CREATE TABLE import (
    id UUID PRIMARY KEY,
    format TEXT NOT NULL,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    commit TEXT,
    at TIMESTAMPTZ(3) NOT NULL, -- of the commit, else of the import
    variant TEXT NOT NULL,
    host TEXT NOT NULL,
    results JSONB NOT NULL, -- ImportedResult[]
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- One number of one job or import: made once, never changed.
CREATE TABLE history_point (
    id BIGSERIAL PRIMARY KEY,
    source TEXT NOT NULL, -- job | import
    source_id UUID NOT NULL,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    workload TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    unit TEXT NOT NULL,
    direction TEXT NOT NULL,
    host_fingerprint TEXT NOT NULL,
    commit TEXT,
    at TIMESTAMPTZ(3) NOT NULL, -- of the commit, else of the job or import
    value DOUBLE PRECISION NOT NULL,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    UNIQUE (source_id, workload, variant, metric)
);
CREATE INDEX history_point_series_idx ON history_point (project, branch, workload, variant, metric, at, id);

-- A change point that somebody should look at. It belongs to a point, not to a place in the series.
CREATE TABLE alert (
    id BIGSERIAL PRIMARY KEY,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    workload TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    host_fingerprint TEXT NOT NULL,
    point_id BIGINT NOT NULL REFERENCES history_point (id) ON DELETE CASCADE, -- first of the new level
    before DOUBLE PRECISION NOT NULL,
    after DOUBLE PRECISION NOT NULL,
    ratio DOUBLE PRECISION NOT NULL,
    p_value DOUBLE PRECISION NOT NULL,
    worse BOOLEAN NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', -- open | acknowledged | noise | fixed
    reason TEXT,
    present BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE INDEX alert_series_idx ON alert (project, branch, workload, variant, metric);

-- A shift that is known: change points there do not alert.
CREATE TABLE mark (
    id BIGSERIAL PRIMARY KEY,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    commit TEXT,
    at TIMESTAMPTZ(3),
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    CHECK ((commit IS NULL) <> (at IS NULL))
);
CREATE INDEX mark_branch_idx ON mark (project, branch);

-- Succeeded jobs of a project that have no points yet are looked for by this.
CREATE INDEX job_project_idx ON job ((request->>'project')) WHERE state = 'succeeded' AND request->>'project' IS NOT NULL;

-- For other programs: one row per sample and metric. docs/formats.md promises these columns.
CREATE VIEW qibench_sample AS
SELECT sample.id AS sample_id, sample.job_id, job.name AS job_name, job.state AS job_state,
       job.request->>'project' AS project, job.request->>'branch' AS branch, job.request->>'commit' AS commit,
       sample.workload, sample.variant, sample.kind, sample.block, sample.position, sample.kind = 'timed' AND sample.block = 0 AS warm_up,
       measured.metric, measured.unit, measured.value, sample.host_fingerprint, sample.build_key, sample.started_at,
       sample.side, sample.batch
FROM sample
JOIN job ON job.id = sample.job_id
CROSS JOIN LATERAL (
    VALUES ('wallNs', 'ns', sample.wall_ns::double precision), ('userNs', 'ns', sample.user_ns::double precision),
           ('systemNs', 'ns', sample.system_ns::double precision), ('maxRssBytes', 'bytes', sample.max_rss_bytes::double precision),
           ('hostInstructions', 'instructions', sample.host_instructions::double precision), ('guestInstructions', 'instructions', sample.guest_instructions::double precision)
    UNION ALL
    SELECT printed.name, printed.unit, printed.value FROM jsonb_to_recordset(sample.metrics) AS printed (name text, unit text, value double precision)
    UNION ALL
    SELECT 'events.' || counted.key, 'count', counted.value::double precision
    FROM jsonb_each_text(CASE WHEN jsonb_typeof(sample.events) = 'object' THEN sample.events ELSE '{}'::jsonb END) AS counted
) AS measured (metric, unit, value)
-- Runs under an instruction counter are slow: nothing else of them is shown, so that nobody takes them for timings.
WHERE measured.value IS NOT NULL AND (sample.kind = 'timed' OR measured.metric IN ('hostInstructions', 'guestInstructions'));
COMMENT ON VIEW qibench_sample IS 'one row per sample and metric, version 1: columns are only added, at the end';
