-- Series with points or marks that their alerts do not consider yet; by SQL only: Prisma does not
-- know this table.
CREATE TABLE due_series (
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    workload TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    revision BIGSERIAL, -- another one whenever the series changes again
    PRIMARY KEY (project, branch, workload, variant, metric)
);
