-- Who may do what. These tables are written and read by SQL only; Prisma does not know them.

-- Tokens, and the sessions of browsers, which end with the token that they were opened with.
CREATE TABLE token (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL, -- token | session | github
    digest BYTEA NOT NULL UNIQUE, -- SHA-256 of the secret, which is not kept
    name TEXT NOT NULL,
    project TEXT, -- null: all projects
    scopes TEXT[] NOT NULL,
    parent UUID REFERENCES token (id) ON DELETE CASCADE, -- of a session
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ(3),
    revoked_at TIMESTAMPTZ(3),
    last_used_at TIMESTAMPTZ(3)
);

-- Whose GitHub workflows may submit jobs for a project.
CREATE TABLE trust (
    id UUID PRIMARY KEY,
    project TEXT NOT NULL,
    repository_id TEXT NOT NULL, -- never reused by GitHub, unlike names
    repository TEXT, -- for people
    ref TEXT NOT NULL, -- glob
    events TEXT[] NOT NULL,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);
CREATE INDEX trust_repository_id_idx ON trust (repository_id);

-- Id-tokens that have been exchanged: each counts once.
CREATE TABLE used_id_token (
    jti TEXT PRIMARY KEY,
    expires_at TIMESTAMPTZ(3) NOT NULL
);

CREATE TABLE audit (
    id BIGSERIAL PRIMARY KEY,
    at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    subject TEXT NOT NULL,
    action TEXT NOT NULL, -- method and route
    object TEXT NOT NULL, -- path
    outcome TEXT NOT NULL, -- ok, or a code of the error catalogue
    ip TEXT NOT NULL
);

-- Who has uploaded what: the digest alone is no access. Uploads from before belong to nobody.
CREATE TABLE upload_project (
    digest TEXT NOT NULL REFERENCES upload (digest) ON DELETE CASCADE,
    project TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (project, digest)
);

-- A key is one of the project of the token that sent it.
ALTER TABLE job ADD COLUMN idempotency_scope TEXT NOT NULL DEFAULT '';
DROP INDEX job_idempotency_key_key;
CREATE UNIQUE INDEX job_idempotency_scope_idempotency_key_key ON job (idempotency_scope, idempotency_key);

CREATE INDEX job_of_project_idx ON job ((request->>'project'), created_at);
