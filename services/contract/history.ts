// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Direction } from './comparison.js';
import { ProjectQuota, ProjectUse } from './project-use.js';
import { BranchName, CommitName, DEFAULT_BRANCH, ProjectName, storable } from './project.js';

/** Key of a series: one metric of one variant with one workload on one branch. */
export const SeriesKey = z.object({
  project: z.string(),
  branch: z.string(),
  workload: z.string(),
  variant: z.string(),
  metric: z.string(),
});
export type SeriesKey = z.infer<typeof SeriesKey>;

export const HistoryQuery = z.strictObject({
  project: ProjectName,
  branch: BranchName.default(DEFAULT_BRANCH),
  workload: storable(z.string().min(1).max(1024)).describe(
    'label of a workload, or name of an imported benchmark',
  ),
  variant: storable(z.string().min(1).max(400)),
  metric: storable(z.string().min(1).max(64)).default('wallNs'),
});
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const SeriesQuery = z.strictObject({ project: ProjectName, branch: BranchName.optional() });
export type SeriesQuery = z.infer<typeof SeriesQuery>;

/** A series that has points. */
export const Series = SeriesKey.extend({
  unit: z.string().describe('of the newest point; empty if an imported document had none'),
  direction: Direction.describe('of the newest point'),
  points: z.number().int(),
  lastAt: z.iso.datetime().describe('time of the newest point'),
});
export type Series = z.infer<typeof Series>;
export const SeriesList = z.object({ series: z.array(Series) });
export type SeriesList = z.infer<typeof SeriesList>;

export const ProjectBranch = z.object({
  name: z.string(),
  jobs: z.number().int().describe('in any state'),
  imports: z.number().int(),
  lastActivityAt: z.iso
    .datetime()
    .describe('when a job was last submitted, started or ended, or a document imported'),
});
export type ProjectBranch = z.infer<typeof ProjectBranch>;
export const Project = z.object({
  name: z.string(),
  branches: z.array(ProjectBranch),
  use: ProjectUse.nullable().describe('null: not counted yet'),
});
export type Project = z.infer<typeof Project>;
export const ProjectList = z.object({
  projects: z.array(Project),
  withoutProject: ProjectUse.nullable().describe(
    'jobs without a project, which have no quota; null: none were counted, or the token is of ' +
      'one project',
  ),
  quota: ProjectQuota,
});
export type ProjectList = z.infer<typeof ProjectList>;

export const HistoryPoint = z.object({
  id: z.string(),
  source: z.enum(['job', 'import']),
  sourceId: z.uuid().describe('id of the job or import'),
  commit: z.string().nullable(),
  at: z.iso.datetime().describe('time of the commit if known, else of the job or import'),
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  unit: z.string(),
  direction: Direction,
  hostFingerprint: z.string(),
});
export type HistoryPoint = z.infer<typeof HistoryPoint>;

/** Only the numbers of a series, oldest first, for overviews that draw hundreds of series. */
export const SeriesPoints = z.object({
  ...SeriesKey.shape,
  ids: z.array(z.string()),
  values: z.array(z.number()),
  hosts: z.array(z.string()).describe('fingerprints, in the order in which they first measured'),
  host: z.array(z.number().int()).describe('index in `hosts`, per point'),
});
export type SeriesPoints = z.infer<typeof SeriesPoints>;

export const HistoryChange = z.object({
  pointId: z.string().describe('first point of the new level'),
  hostFingerprint: z.string(),
  before: z.number(),
  after: z.number(),
  ratio: z.number(),
  pValue: z.number(),
  worse: z.boolean().describe('by the direction of the metric'),
});
export type HistoryChange = z.infer<typeof HistoryChange>;

export const AlertState = z.enum(['open', 'acknowledged', 'noise', 'fixed']);
export type AlertState = z.infer<typeof AlertState>;

export const Alert = SeriesKey.extend({
  id: z.string(),
  state: AlertState,
  reason: z.string().nullable(),
  present: z.boolean().describe('false once the series no longer has this change point'),
  ...HistoryChange.shape,
  commit: z.string().nullable().describe('of the first point of the new level'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Alert = z.infer<typeof Alert>;

const Reason = storable(z.string().trim().min(1).max(1000));

export const AlertChange = z.strictObject({ state: AlertState, reason: Reason });
export type AlertChange = z.infer<typeof AlertChange>;

export const AlertListQuery = z.strictObject({
  project: ProjectName,
  branch: BranchName.optional(),
  state: AlertState.optional(),
});
export type AlertListQuery = z.infer<typeof AlertListQuery>;
export const AlertList = z.object({
  alerts: z.array(Alert),
  waiting: z
    .object({
      jobs: z.number().int().describe('succeeded jobs without points'),
      series: z.number().int().describe('series with points or marks newer than their alerts'),
    })
    .describe('not in the alerts yet, and brought in by the background; both 0: up to date'),
});
export type AlertList = z.infer<typeof AlertList>;

export const MarkRequest = z
  .strictObject({
    project: ProjectName,
    branch: BranchName.default(DEFAULT_BRANCH),
    commit: CommitName.optional(),
    at: z.iso.datetime({ offset: true }).optional(),
    reason: Reason,
  })
  .refine(({ commit, at }) => (commit === undefined) !== (at === undefined), {
    path: ['commit'],
    error: 'a mark needs either a commit or a time',
  });
export type MarkRequest = z.infer<typeof MarkRequest>;

export const Mark = z.object({
  id: z.string(),
  project: z.string(),
  branch: z.string(),
  commit: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  reason: z.string(),
  createdAt: z.iso.datetime(),
});
export type Mark = z.infer<typeof Mark>;

export const StoredMark = Mark.extend({
  points: z
    .number()
    .int()
    .describe('points at the mark, over all series; 0: mistyped, or not measured yet'),
});
export type StoredMark = z.infer<typeof StoredMark>;

export const History = z.object({
  ...SeriesKey.shape,
  points: z.array(HistoryPoint).describe('the newest 10,000, oldest first'),
  changePoints: z.array(HistoryChange).describe('advisory; found per host fingerprint'),
  alertsDue: z
    .boolean()
    .describe('true while the newest points or marks are missing in the alerts'),
  alerts: z.array(Alert),
  marks: z.array(Mark),
});
export type History = z.infer<typeof History>;
