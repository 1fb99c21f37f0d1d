-- A delivery of GitHub is a row that goes through states; whoever takes one holds it until due_at, and any process of
-- the API goes on where another died. Written and read by SQL only, as before; rows stay for good, against replays.

-- Until now ids were for people: they could be missing, or the same for different bodies.
UPDATE webhook_delivery SET delivery = delivery || ' ' || encode(body_digest, 'hex')
WHERE delivery = '' OR delivery IN (SELECT delivery FROM webhook_delivery GROUP BY delivery HAVING count(*) > 1);

ALTER TABLE webhook_delivery
    ADD CONSTRAINT webhook_delivery_delivery_key UNIQUE (delivery),
    ADD COLUMN ask JSONB, -- contract WebhookAsk; NULL of what came before this migration
    ADD COLUMN state TEXT NOT NULL DEFAULT 'told', -- contract WebhookState
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0, -- of the step that leads out of this state
    ADD COLUMN due_at TIMESTAMPTZ(3), -- from when on the step may be taken by anybody; NULL: there is none
    ADD COLUMN job_id UUID REFERENCES job (id) ON DELETE SET NULL,
    ADD COLUMN base_sha TEXT,
    ADD COLUMN comment_id BIGINT,
    ADD COLUMN error JSONB; -- contract ErrorBody: why it was refused or failed, or the last attempt did
ALTER TABLE webhook_delivery ALTER COLUMN state DROP DEFAULT;

-- Jobs whose end was still to be told; which delivery asked for them was not recorded.
INSERT INTO webhook_delivery (body_digest, delivery, ask, state, due_at, job_id, base_sha, comment_id)
SELECT sha256(convert_to('job ' || job_id, 'UTF8')), 'job ' || job_id,
       jsonb_build_object('repository', repository, 'number', coalesce(substring(job.request ->> 'branch' FROM '^pull/([0-9]{1,9})$'), '0')::int, 'commentedAt', ''),
       'announced', now(), job_id, base_sha, comment_id
FROM webhook_job JOIN job ON job.id = job_id WHERE reported_at IS NULL;
DROP TABLE webhook_job;

CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_open_idx ON webhook_delivery (state) WHERE state <> 'told';
