-- Medians need runs of one size: a job runs a workload at its empty, middle and full size.
CREATE OR REPLACE VIEW qibench_sample AS
SELECT sample.id AS sample_id, sample.job_id, job.name AS job_name, job.state AS job_state,
       job.request->>'project' AS project, job.request->>'branch' AS branch, job.request->>'commit' AS commit,
       sample.workload, sample.variant, sample.kind, sample.block, sample.position, sample.kind = 'timed' AND sample.block = 0 AS warm_up,
       measured.metric, measured.unit, measured.value, sample.host_fingerprint, sample.build_key, sample.started_at,
       sample.side, sample.batch, sample.size
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
-- Runs under an instruction counter are slow, so their times are not shown.
WHERE measured.value IS NOT NULL AND (sample.kind = 'timed' OR measured.metric IN ('hostInstructions', 'guestInstructions'));
