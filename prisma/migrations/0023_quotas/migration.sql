-- Bytes that count for the quotas of a project, and times for retention; by SQL only: Prisma does
-- not know these columns and tables.
ALTER TABLE job ADD COLUMN sample_bytes BIGINT NOT NULL DEFAULT 0; -- of its samples, as written
UPDATE job
SET sample_bytes = size.bytes
FROM (
    SELECT job_id, sum(512 + pg_column_size(metrics) + coalesce(pg_column_size(events), 0)) AS bytes
    FROM sample
    GROUP BY job_id
) AS size
WHERE size.job_id = job.id;

ALTER TABLE import ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0; -- of its results and points
UPDATE import SET bytes = pg_column_size(results) + 512 * jsonb_array_length(results);

ALTER TABLE upload ADD COLUMN used_at TIMESTAMPTZ(3); -- last upload, or submission of a job that names it
UPDATE upload SET used_at = now();
ALTER TABLE upload ALTER COLUMN used_at SET NOT NULL, ALTER COLUMN used_at SET DEFAULT now();

-- What each project stores, counted every few minutes.
CREATE TABLE project_use (
    project TEXT PRIMARY KEY, -- empty: jobs without a project
    jobs INTEGER NOT NULL,
    result_bytes BIGINT NOT NULL, -- of jobs with their samples, logs and events
    imports INTEGER NOT NULL,
    import_bytes BIGINT NOT NULL,
    upload_bytes BIGINT NOT NULL,
    trace_bytes BIGINT NOT NULL,
    counted_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

CREATE INDEX job_of_day_idx ON job (project, created_at);
CREATE INDEX job_finished_idx ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX import_of_day_idx ON import (project, created_at);
CREATE INDEX audit_at_idx ON audit (at);
CREATE INDEX audit_subject_idx ON audit (subject, id);
