-- Traces in packed chunks, see docs/decisions/0014-trace-storage.md. Records of traces that were stored as arrays are
-- not carried over: their samples keep the counts.
DELETE FROM trace;
DROP TABLE trace_chunk;

-- trace-events-all of a build: without it nobody can read a raw file.
CREATE TABLE trace_events_file (
    digest TEXT PRIMARY KEY, -- SHA-256, hexadecimal
    content TEXT NOT NULL
);

ALTER TABLE trace
    DROP COLUMN partial,
    ADD COLUMN partial_reason TEXT,
    ADD COLUMN stored BIGINT NOT NULL, -- records in chunks
    ADD COLUMN raw_bytes BIGINT NOT NULL, -- of the file, from its start, that chunks and tail hold
    ADD COLUMN stored_bytes BIGINT NOT NULL, -- of the chunks, compressed
    ADD COLUMN sha256 TEXT, -- of the whole file
    ADD COLUMN tail BYTEA NOT NULL, -- what the file has behind the last stored record
    ADD COLUMN events_digest TEXT NOT NULL REFERENCES trace_events_file (digest),
    ADD COLUMN created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    ADD COLUMN expired_at TIMESTAMPTZ(3); -- when its chunks were removed to make room

ALTER TABLE trace_event
    ADD COLUMN kinds TEXT NOT NULL, -- a letter per argument: t text, s signed, u unsigned
    ADD COLUMN inter_arrival JSONB;

-- Some thousand records a row, a packed column per field (services/domain/trace/column.ts).
CREATE TABLE trace_chunk (
    trace_id BIGINT NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    first_sequence BIGINT NOT NULL,
    record_count INTEGER NOT NULL,
    min_ns BIGINT NOT NULL,
    max_ns BIGINT NOT NULL,
    event_ids SMALLINT[] NOT NULL,
    event_counts INTEGER[] NOT NULL,
    event BYTEA NOT NULL,
    timestamp BYTEA NOT NULL,
    pid BYTEA NOT NULL,
    argument0 BYTEA,
    argument1 BYTEA,
    argument2 BYTEA,
    argument3 BYTEA,
    argument4 BYTEA,
    argument5 BYTEA,
    argument6 BYTEA,
    argument7 BYTEA,
    argument8 BYTEA,
    argument9 BYTEA,
    texts BYTEA NOT NULL,
    between BYTEA NOT NULL,
    PRIMARY KEY (trace_id, first_sequence)
);

-- lz4 is faster than pglz, but not every Postgres was built with it.
DO $$
DECLARE
    packed TEXT;
BEGIN
    FOR packed IN SELECT attname FROM pg_attribute WHERE attrelid = 'trace_chunk'::regclass AND attnum > 0 AND atttypid = 'bytea'::regtype LOOP
        EXECUTE format('ALTER TABLE trace_chunk ALTER COLUMN %I SET COMPRESSION lz4', packed);
    END LOOP;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;

-- Counts per event in 1,024 bins of 2^shift ns from tile * 1024 * 2^shift ns on, as one packed block.
CREATE TABLE trace_histogram (
    trace_id BIGINT NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    shift SMALLINT NOT NULL,
    event_id SMALLINT NOT NULL,
    tile BIGINT NOT NULL,
    counts BYTEA NOT NULL,
    PRIMARY KEY (trace_id, shift, event_id, tile)
);

-- Oldest first, those that still take room.
CREATE INDEX trace_stored_idx ON trace (id) WHERE expired_at IS NULL;

CREATE FUNCTION qibench_int8(bytes BYTEA, start INTEGER) RETURNS BIGINT LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    value BIGINT := 0;
BEGIN
    FOR byte IN REVERSE 7..0 LOOP
        value := (value << 8) | get_byte(bytes, start + byte);
    END LOOP;
    RETURN value;
END $$;

CREATE FUNCTION qibench_unpack(packed BYTEA, counts INTEGER[]) RETURNS BIGINT[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bytes BYTEA := packed || ''::BYTEA; -- decompressed here, once, not by every get_byte
    result BIGINT[] := '{}';
    position INTEGER := 0;
    place INTEGER := 0;
    count INTEGER;
    width INTEGER;
    differences BOOLEAN;
    base BIGINT;
    value BIGINT;
    sum BIGINT;
BEGIN
    FOREACH count IN ARRAY counts LOOP
        width := get_byte(bytes, position) & 15;
        differences := (get_byte(bytes, position) & 16) <> 0;
        base := qibench_int8(bytes, position + 1);
        position := position + 9;
        IF differences THEN
            sum := qibench_int8(bytes, position);
            position := position + 8;
        END IF;
        FOR index IN 0..count - 1 LOOP
            value := 0;
            FOR plane IN 0..width - 1 LOOP
                value := (value << 8) | get_byte(bytes, position + plane * count + index);
            END LOOP;
            value := base + value;
            IF differences THEN
                IF index > 0 THEN
                    sum := sum + ((value >> 1) # -(value & 1));
                END IF;
                value := sum;
            END IF;
            place := place + 1;
            result[place] := value;
        END LOOP;
        position := position + width * count;
    END LOOP;
    RETURN result;
END $$;

CREATE FUNCTION qibench_texts(packed BYTEA) RETURNS TEXT[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bytes BYTEA := packed || ''::BYTEA;
    result TEXT[] := '{}';
    position INTEGER := 0;
    length INTEGER;
BEGIN
    WHILE position < octet_length(bytes) LOOP
        length := get_byte(bytes, position) | (get_byte(bytes, position + 1) << 8) | (get_byte(bytes, position + 2) << 16);
        BEGIN
            result := result || convert_from(substr(bytes, position + 5, length), 'UTF8');
        EXCEPTION WHEN OTHERS THEN -- no UTF-8, or U+0000, which Postgres cannot hold
            result := result || encode(substr(bytes, position + 5, length), 'escape');
        END;
        position := position + 4 + length;
    END LOOP;
    RETURN result;
END $$;

-- Records of one chunk. Arguments are packed in the order of (event, row).
CREATE FUNCTION qibench_records(chunk trace_chunk)
RETURNS TABLE (row_number BIGINT, event_id BIGINT, timestamp_ns BIGINT, pid BIGINT, numbers BIGINT[], texts TEXT[]) LANGUAGE plpgsql STABLE ROWS 16384 AS $$
DECLARE
    a0 BIGINT[] := qibench_unpack(chunk.argument0, chunk.event_counts);
    a1 BIGINT[] := qibench_unpack(chunk.argument1, chunk.event_counts);
    a2 BIGINT[] := qibench_unpack(chunk.argument2, chunk.event_counts);
    a3 BIGINT[] := qibench_unpack(chunk.argument3, chunk.event_counts);
    a4 BIGINT[] := qibench_unpack(chunk.argument4, chunk.event_counts);
    a5 BIGINT[] := qibench_unpack(chunk.argument5, chunk.event_counts);
    a6 BIGINT[] := qibench_unpack(chunk.argument6, chunk.event_counts);
    a7 BIGINT[] := qibench_unpack(chunk.argument7, chunk.event_counts);
    a8 BIGINT[] := qibench_unpack(chunk.argument8, chunk.event_counts);
    a9 BIGINT[] := qibench_unpack(chunk.argument9, chunk.event_counts);
    words TEXT[] := qibench_texts(chunk.texts);
    whole INTEGER[] := ARRAY[chunk.record_count];
BEGIN
    RETURN QUERY
    SELECT r.place - 1, r.event, r.timestamp, r.pid, ARRAY[a0[r.sorted], a1[r.sorted], a2[r.sorted], a3[r.sorted], a4[r.sorted], a5[r.sorted], a6[r.sorted], a7[r.sorted], a8[r.sorted], a9[r.sorted]], words
    FROM (
        SELECT u.*, row_number() OVER (ORDER BY u.event, u.place) AS sorted
        FROM unnest(qibench_unpack(chunk.event, whole), qibench_unpack(chunk.timestamp, whole), qibench_unpack(chunk.pid, whole)) WITH ORDINALITY AS u (event, timestamp, pid, place)
    ) r
    ORDER BY r.place;
END $$;

CREATE FUNCTION qibench_arguments(declared JSONB, kinds TEXT, numbers BIGINT[], texts TEXT[]) RETURNS JSONB LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(argument.value->>'name', CASE
        WHEN substr(kinds, place::integer, 1) = 't' THEN to_jsonb(texts[numbers[place] + 1])
        WHEN substr(kinds, place::integer, 1) = 'u' AND numbers[place] < 0 THEN to_jsonb(numbers[place]::numeric + 18446744073709551616)
        ELSE to_jsonb(numbers[place])
    END), '{}')
    FROM jsonb_array_elements(declared) WITH ORDINALITY AS argument (value, place)
$$;

-- For other programs: one row per record. docs/formats.md promises these columns.
CREATE VIEW qibench_trace_record AS
SELECT chunk.trace_id, chunk.first_sequence + record.row_number AS sequence, record.timestamp_ns, trace_event.name AS event, record.pid,
       qibench_arguments(trace_event.arguments, trace_event.kinds, record.numbers, record.texts) AS arguments
FROM trace_chunk chunk
CROSS JOIN LATERAL qibench_records(chunk) record
JOIN trace_event ON trace_event.trace_id = chunk.trace_id AND trace_event.event_id = record.event_id;
COMMENT ON VIEW qibench_trace_record IS 'one row per stored record of a trace, version 1: columns are only added, at the end. Unpacks the chunks of the trace: name a trace_id';
