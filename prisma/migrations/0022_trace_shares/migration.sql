-- Stored bytes of a trace include its summary: histogram, statistics and list of events. A summary
-- outlives the records and is removed, too, if summaries alone exceed the project's share.
ALTER TABLE trace
    ADD COLUMN summary_bytes BIGINT NOT NULL DEFAULT 0,
    ALTER COLUMN events_digest DROP NOT NULL; -- null: the summary was removed

UPDATE trace
SET summary_bytes = size.bytes, stored_bytes = stored_bytes + size.bytes
FROM (
    SELECT trace.id,
        coalesce((SELECT sum(pg_column_size(counts) + 64) FROM trace_histogram WHERE trace_id = trace.id), 0)
        + coalesce((SELECT sum(pg_column_size(arguments) + coalesce(pg_column_size(inter_arrival), 0) + octet_length(name) + 64) FROM trace_event WHERE trace_id = trace.id), 0)
        + coalesce((SELECT pg_column_size(content) FROM trace_events_file WHERE digest = trace.events_digest), 0) AS bytes
    FROM trace
) AS size
WHERE size.id = trace.id;

DROP INDEX trace_stored_idx;
CREATE INDEX trace_stored_idx ON trace (id) WHERE stored_bytes > 0;
CREATE INDEX trace_events_digest_idx ON trace (events_digest);
