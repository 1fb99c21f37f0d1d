// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { ProjectList } from '#contract/history.js';
import { DEFAULT_BRANCH } from '#contract/constants.js';
import { get } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { BranchHistory } from './branch-history.js';
import { Choice } from './choice.js';
import { useSelection } from './selection.js';
import './history.css';

const ALL = { branch: null, workload: null, variant: null, metric: null } as const;

export function HistoryPage() {
  useTitle('History');
  const projects = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => get<ProjectList>('/v1/projects', signal),
  });
  return (
    <>
      <div className="page-head">
        <h1>History</h1>
      </div>
      <Loaded query={projects} height={600}>
        {(list) => (list.projects.length === 0 ? <NoProject /> : <ChosenProject list={list} />)}
      </Loaded>
    </>
  );
}

function ChosenProject({ list: { projects } }: { list: ProjectList }) {
  const [selection, change] = useSelection();
  const project = projects.find(({ name }) => name === selection.project) ?? projects[0]!;
  const branch =
    project.branches.find(({ name }) => name === selection.branch) ??
    project.branches.find(({ name }) => name === DEFAULT_BRANCH) ??
    project.branches[0]!;
  return (
    <>
      {selection.project !== null && project.name !== selection.project && (
        <p className="notice unsure break">
          Project “{selection.project}” not found; showing {project.name}.
        </p>
      )}
      <BranchHistory
        key={`${project.name}\n${branch.name}`}
        project={project.name}
        branch={branch.name}
        selection={selection}
        change={change}
      >
        <Choice
          label="Project"
          value={project.name}
          options={projects.map(({ name }) => name)}
          onChange={(name) => change({ ...ALL, project: name })}
        />
        <Choice
          label="Branch"
          value={branch.name}
          options={project.branches.map(({ name }) => name)}
          onChange={(name) => change({ ...ALL, project: project.name, branch: name })}
        />
      </BranchHistory>
    </>
  );
}

function NoProject() {
  return (
    <div className="empty">
      <p>No history yet.</p>
      <p>
        A job that names a <code>project</code> joins its history when it succeeds.{' '}
        <code>./qibench history import</code> adds results of other tools.
      </p>
    </div>
  );
}
