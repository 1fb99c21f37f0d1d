-- W3C trace context of the request that a job came with: the spans of its worker belong to it.
ALTER TABLE "job" ADD COLUMN "traceparent" TEXT;

-- How often which event brought a job into which state, for metrics; by SQL only: Prisma does not know this table.
CREATE TABLE job_tally (
    event TEXT NOT NULL, -- JobTransition
    state TEXT NOT NULL, -- the job's afterwards
    kind TEXT NOT NULL, -- of the error, or empty
    code TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (event, state, kind, code)
);
INSERT INTO job_tally
SELECT CASE state WHEN 'succeeded' THEN 'measured' ELSE state END, state, coalesce(error->>'kind', ''), coalesce(error->>'code', ''), count(*)
FROM job WHERE state IN ('succeeded', 'failed', 'cancelled') GROUP BY 1, 2, 3, 4;

-- What the relay still has to carry, among the rows of a day.
CREATE INDEX outbox_unsent_idx ON outbox (id) WHERE sent_at IS NULL;
