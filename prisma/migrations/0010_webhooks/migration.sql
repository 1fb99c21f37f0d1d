-- What GitHub's webhooks have asked for. These tables are written and read by SQL only; Prisma does not know them.

-- The body is what is signed, not the delivery's id: the same body again is a replay, whatever id it comes with.
CREATE TABLE webhook_delivery (
    body_digest BYTEA PRIMARY KEY, -- SHA-256
    delivery TEXT NOT NULL, -- for people
    at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- Jobs whose end is told in a comment.
CREATE TABLE webhook_job (
    job_id UUID PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    repository TEXT NOT NULL,
    comment_id BIGINT NOT NULL,
    base_sha TEXT,
    reported_at TIMESTAMPTZ(3)
);
CREATE INDEX webhook_job_waiting_idx ON webhook_job (job_id) WHERE reported_at IS NULL;
