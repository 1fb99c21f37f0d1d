import { JobPlan } from '../../../services/contract/job.js';
import { checkRuns, type Access } from '../../../services/domain/access.js';

const variants = ['none', 'idle'].map((mode) => ({
  name: mode,
  side: 'head',
  mode,
  backend: null,
  plugin: null,
  arguments: [],
  trace: false,
}));
const plan = (thresholds: object[]) =>
  JobPlan.parse({
    events: [],
    variants,
    workloads: [{ label: 'w', name: 'w', parameters: {}, timeoutSeconds: 1 }],
    blocks: 6,
    batches: 2,
    thresholds,
    seed: 1,
  });
const access = (runsPerJob: number) =>
  ({ project: 'p', quota: { queuedJobs: 1, uploadBytes: 1, runsPerJob } }) as Access;

test('the runs of a job are those of all batches, and twice as many where instructions are counted to be judged', () => {
  expect(() => checkRuns(access(24), plan([]))).not.toThrow();
  expect(() => checkRuns(access(23), plan([]))).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
  const judged = plan([{ metric: 'hostInstructions', threshold: 0.01 }]);
  expect(() => checkRuns(access(48), judged)).not.toThrow();
  expect(() => checkRuns(access(47), judged)).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
});
