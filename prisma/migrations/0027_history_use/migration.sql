-- Points of each project's histories, for its quota, and their age for retention; by SQL only:
-- Prisma does not know these columns and tables.
CREATE TABLE history_use (
    project TEXT PRIMARY KEY,
    points BIGINT NOT NULL
);
INSERT INTO history_use (project, points) SELECT project, count(*) FROM history_point GROUP BY project;
ALTER TABLE project_use ADD COLUMN points BIGINT NOT NULL DEFAULT 0;

-- Points that are stored already count as new.
ALTER TABLE history_point ADD COLUMN created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now();
CREATE INDEX history_point_created_idx ON history_point USING brin (created_at);
CREATE INDEX alert_point_idx ON alert (point_id); -- a removed point takes its alerts along
