// SPDX-License-Identifier: GPL-2.0-or-later
import type { Project, ProjectBranch, ProjectList } from '#contract/history.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import { listUse } from './project-use.js';
import type { Store } from './store.js';

/**
 * Returns every project that a job or an import names, with its branches and what it stores, sorted
 * by name, and what jobs without a project store. Jobs count in any state.
 */
export async function listProjects(store: Store): Promise<Omit<ProjectList, 'quota'>> {
  const use = await listUse(store);
  const { rows } = await store.pool.query<
    Omit<ProjectBranch, 'name' | 'lastActivityAt'> & { project: string; branch: string; at: Date }
  >(
    `SELECT project, branch, sum(jobs)::int AS jobs, sum(imports)::int AS imports, max(at) AS at
     FROM (
       SELECT request->>'project' AS project,
         coalesce(request->>'branch', '${DEFAULT_BRANCH}') AS branch,
         1 AS jobs,
         0 AS imports,
         greatest(created_at, started_at, finished_at) AS at
       FROM job
       WHERE request->>'project' IS NOT NULL
       UNION ALL
       SELECT project, branch, 0, 1, created_at
       FROM import
     ) AS activity
     GROUP BY project, branch
     ORDER BY project, branch`,
  );
  const projects = new Map<string, Project>();
  for (const { project: name, branch, jobs, imports, at } of rows) {
    const project = projects.get(name) ?? { name, branches: [], use: use.get(name) ?? null };
    project.branches.push({ name: branch, jobs, imports, lastActivityAt: at.toISOString() });
    projects.set(name, project);
  }
  return { projects: [...projects.values()], withoutProject: use.get('') ?? null };
}
