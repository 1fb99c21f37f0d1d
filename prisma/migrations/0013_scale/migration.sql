-- What a job needs of its worker, what workers are, and whose turn it is, by SQL only: Prisma does not know any of it.
ALTER TABLE job
    ADD COLUMN project TEXT NOT NULL DEFAULT '', -- as in the request; empty: none
    ADD COLUMN target TEXT NOT NULL DEFAULT '',
    ADD COLUMN labels TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN capabilities TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN cores INTEGER NOT NULL DEFAULT 1, -- CPUs to measure on
    ADD COLUMN priority SMALLINT NOT NULL DEFAULT 0, -- -1 low, 0 normal, 1 high, 2 urgent
    ADD COLUMN turn_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(), -- its place among its project's: when it was accepted, earlier by priority
    ADD COLUMN built BOOLEAN NOT NULL DEFAULT false, -- a build worker has built it: what is left is to measure
    ADD COLUMN engine TEXT; -- Docker engine that measures it; samples of a job are of one
UPDATE job SET project = coalesce(request->>'project', ''), target = coalesce(request #>> '{qemu,target}', ''), turn_at = created_at;
CREATE INDEX job_waiting_idx ON job (project, turn_at) WHERE state = 'queued';

ALTER TABLE worker
    ADD COLUMN role TEXT NOT NULL DEFAULT 'both', -- both | build | measure
    ADD COLUMN labels TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN available TEXT[] NOT NULL DEFAULT '{}', -- names of the capabilities that are there
    ADD COLUMN cores INTEGER NOT NULL DEFAULT 1, -- of its cpuset
    ADD COLUMN engine TEXT; -- the id of the one that it uses; null until it takes a job

-- When a project's job was claimed last, to be built or, once built, to be measured: the longest ago is next.
CREATE TABLE project_turn (
    project TEXT NOT NULL,
    built BOOLEAN NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project, built)
);

-- Images that workers share through a registry. What is pulled must have the digest that was pushed.
CREATE TABLE shared_image (
    registry TEXT NOT NULL, -- QIBENCH_REGISTRY
    image TEXT NOT NULL, -- tag, which names everything that it is made of
    digest TEXT NOT NULL, -- of the manifest
    pushed_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (registry, image)
);
