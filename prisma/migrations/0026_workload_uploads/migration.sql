-- Uploaded workloads, in chunks: see docs/decisions/0020-workload-uploads.md. The tables of chunks
-- are written and read by SQL only; Prisma does not know them.

-- A piece of a file, by the digest of its unpacked bytes, which several uploads may share.
CREATE TABLE chunk (
    digest TEXT PRIMARY KEY, -- sha256:<hex>
    size_bytes INTEGER NOT NULL, -- unpacked
    packed_bytes INTEGER NOT NULL,
    packed BYTEA NOT NULL, -- gzip
    used_at TIMESTAMPTZ(3) NOT NULL DEFAULT now() -- last time that a caller sent or named it
);
ALTER TABLE chunk ALTER COLUMN packed SET STORAGE EXTERNAL; -- it is compressed already

-- Who has sent what, as in upload_project: only the sender learns that a chunk is stored.
CREATE TABLE chunk_project (
    project TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES chunk (digest) ON DELETE CASCADE,
    packed_bytes INTEGER NOT NULL, -- as the project sent it, for its quota
    used_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (project, digest)
);
CREATE INDEX chunk_project_digest_idx ON chunk_project (digest);

ALTER TABLE upload
    ALTER COLUMN tar DROP NOT NULL, -- null: a workload, in chunks
    ADD COLUMN workload JSONB, -- how it becomes /workload, and its definition; null: another kind
    ADD COLUMN in_job BOOLEAN NOT NULL DEFAULT false; -- a job has named it
UPDATE upload SET in_job = true;

-- The chunks of a workload: those of its first file, then those of the next one.
CREATE TABLE upload_chunk (
    upload TEXT NOT NULL REFERENCES upload (digest) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    chunk TEXT NOT NULL REFERENCES chunk (digest),
    PRIMARY KEY (upload, position)
);
CREATE INDEX upload_chunk_chunk_idx ON upload_chunk (chunk);

ALTER TABLE project_use ADD COLUMN workload_bytes BIGINT NOT NULL DEFAULT 0;
