// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import {
  BisectFile,
  type BisectAnswer,
  type BisectCandidate,
  type BisectTrial,
} from '#contract/bisect.js';
import type { Comparison } from '#contract/comparison.js';
import { QibenchError } from '#contract/error.js';
import type { Job, JobRequest } from '#contract/job.js';
import { JOB_QUOTA } from '#contract/project-use.js';
import { WITHIN_DEFAULT } from '#contract/constants.js';
import { secondsOf, WITHIN_SECONDS } from '#contract/stopping.js';
import type { Baseline } from '#contract/side.js';
import { variantName } from '#contract/variant.js';
import { workloadLabel } from '#contract/workload.js';
import { bisect, type Bisection } from './bisect.js';
import { openTrials } from './bisect-state.js';
import type { Client } from './client.js';
import { printable } from '#client/printable.js';
import { followJob } from './progress.js';
import { withUploads, type Uploader } from '#client/job-file.js';
import { readYaml, uploader } from './submit.js';
import { trialTable } from './table.js';

/**
 * Maximum number of comparisons per candidate. An undecided one is repeated with twice the time,
 * or twice the blocks if the job fixes their number.
 */
const ATTEMPTS = 3;

/** Result of a bisection, with its candidates and trials. */
export interface BisectionOfFile extends Bisection {
  readonly candidates: readonly BisectCandidate[];
  readonly trials: readonly BisectTrial[];
}

/** A bisection with digests in place of folders. */
interface Resolved {
  readonly job: JobRequest;
  readonly candidates: readonly BisectCandidate[];
}

/**
 * Runs the bisection that a file describes, on a service. Each comparison is a job with the first
 * candidate as base; the blocks of the job measure both sides. The trials are stored in
 * `<file>.state.json`, from which a later call resumes.
 * @throws {BAD_JOB_FILE} The file is invalid.
 * @throws {TRIAL_FAILED} A candidate does not build or run.
 * @throws {NOT_FOUND} The job lacks the variant or the workload.
 */
export async function bisectFile(
  client: Client,
  file: string,
  output: NodeJS.WriteStream,
): Promise<BisectionOfFile> {
  const bisection = await readYaml(file, BisectFile);
  checkNames(file, bisection);
  const upload = uploader(client, file);
  const resolved: Resolved = {
    job: await withUploads(bisection.job, upload),
    candidates: await Promise.all(
      bisection.candidates.map((candidate, index) => resolve(candidate, index, upload)),
    ),
  };
  const inputs = planDigest({ ...bisection, ...resolved });
  const trials = await openTrials(`${file}.state.json`, inputs);
  const nameOf = (candidate: number) => bisection.candidates[candidate]!.name;

  const ask = async (candidate: number): Promise<BisectAnswer> => {
    for (let attempt = 1; ; attempt++) {
      const known = trials.find(candidate, attempt);
      let answer = known?.answer ?? null;
      if (answer === null) {
        output.write(`${nameOf(candidate)}: does it differ from ${nameOf(0)}?\n`);
        const jobId =
          known?.jobId ??
          (
            await client.post<Job>(
              '/v1/jobs',
              requestOf(resolved, bisection.metric, candidate, attempt),
              { 'idempotency-key': planDigest({ inputs, candidate, attempt }) },
            )
          ).id;
        await trials.record({ candidate, attempt, jobId, answer, seen: null });
        const job = await followJob(client, jobId, output);
        if (job.state !== 'succeeded')
          throw new QibenchError('TRIAL_FAILED', {
            id: jobId,
            candidate: nameOf(candidate),
            state: job.state,
            reason: job.error?.message ?? '',
          });
        const found = await answerOf(client, job, bisection);
        answer = found.answer;
        await trials.record({ candidate, attempt, jobId, ...found });
        output.write(`${nameOf(candidate)}: ${answer}\n`);
      }
      if (answer !== 'unclear' || attempt === ATTEMPTS) return answer;
    }
  };
  const found = await bisect(bisection.candidates.length, ask);
  return { ...found, candidates: bisection.candidates, trials: trials.all() };
}

/**
 * Checks that the job has the variant and the workload to bisect, before anything is measured.
 * @throws {BAD_JOB_FILE} The job lacks one; the message lists the names that it has.
 */
function checkNames(file: string, { job, variant, workload }: BisectFile): void {
  const check = (field: string, wanted: string, known: readonly string[]): void => {
    if (known.includes(wanted)) return;
    throw new QibenchError('BAD_JOB_FILE', {
      file,
      reason: `${field}: the job has no ${field} "${wanted}"; it has ${known.map((name) => `"${name}"`).join(', ')}`,
    });
  };
  check('variant', variant, job.variants.map(variantName));
  const { workloads } = job;
  // Only the service reads the name of an uploaded workload.
  if (workloads.every(({ name }) => name !== undefined))
    check(
      'workload',
      workload,
      workloads.map((wanted) => workloadLabel(job, { ...wanted, name: wanted.name ?? '' })),
    );
}

/** Formats the result of a bisection as text. */
export function bisectionText(bisection: BisectionOfFile): string {
  return `${trialTable(bisection)}\n${findingText(bisection)}`;
}

function findingText({ same, changed, unclear, candidates }: BisectionOfFile): string {
  const name = (index: number) => printable(candidates[index]!.name);
  if (changed === null)
    return unclear.length === 0
      ? `${name(same)} does not differ from ${name(0)}: nothing to find`
      : `undecided: ${name(unclear[0]!)} against ${name(0)}; it needs more time or blocks`;
  return [
    `${alternatives([...unclear, changed].map(name))} changed it`,
    ...(same === 0 ? [] : [`${name(same)} is the last that equals ${name(0)}`]),
    ...(unclear.length === 0
      ? []
      : [`undecided: ${unclear.map(name).join(', ')}; measure with more time or blocks`]),
  ].join('; ');
}

/** Formats names as `a, b or c`. */
function alternatives(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)!].filter((part) => part !== '').join(' or ');
}

async function resolve(
  { patches, instrumentation, ...candidate }: BisectCandidate,
  index: number,
  upload: Uploader,
): Promise<BisectCandidate> {
  return {
    ...candidate,
    ...(patches === undefined
      ? {}
      : { patches: await upload(`candidates.${index}.patches`, patches) }),
    ...(instrumentation === undefined
      ? {}
      : { instrumentation: await upload(`candidates.${index}.instrumentation`, instrumentation) }),
  };
}

/**
 * Returns the request for a candidate as head and the first candidate as base. The job supplies
 * the fields that a candidate omits. The metric gets a threshold, so that it gets a verdict and a
 * confirmation. That threshold comes first: the last match counts, so the job's own thresholds take
 * precedence.
 */
function requestOf(
  { job, candidates }: Resolved,
  metric: string,
  candidate: number,
  attempt: number,
): JobRequest {
  const [first, head] = [candidates[0]!, candidates[candidate]!];
  const {
    patches = job.qemu.patches,
    version = job.qemu.version,
    instrumentation = job.instrumentation,
  } = head;
  const base = first.instrumentation ?? job.instrumentation;
  const baseline: Baseline = {
    version: first.version ?? job.qemu.version,
    source: job.qemu.source ?? null,
    configure: job.qemu.configure ?? [],
    patches: first.patches ?? job.qemu.patches ?? null,
    ...(base === undefined ? {} : { instrumentation: base }),
  };
  return {
    ...job,
    name: `${job.name}: ${head.name}`.slice(0, 200),
    qemu: { ...job.qemu, version, ...(patches === undefined ? {} : { patches }) },
    ...(instrumentation === undefined ? {} : { instrumentation }),
    baseline,
    thresholds: [{ metric, threshold: job.measure.threshold }, ...job.thresholds],
    ...(metric === 'hostInstructions' ? { instructions: true } : {}),
    ...enough(job, attempt),
  };
}

/** Doubles, per attempt, the blocks if the job fixes their number, else the time. */
function enough(
  { blocks, measure }: JobRequest,
  attempt: number,
): Pick<JobRequest, 'blocks' | 'measure'> {
  const times = 2 ** (attempt - 1);
  if (blocks !== undefined)
    return { blocks: Math.min(Math.max(JOB_QUOTA.blocksPerJob, blocks), blocks * times), measure };
  const seconds = secondsOf(measure.within ?? WITHIN_DEFAULT) * times;
  return { measure: { ...measure, within: `${Math.min(WITHIN_SECONDS.maximum, seconds)}s` } };
}

async function answerOf(
  client: Client,
  job: Job,
  { variant, workload, metric }: BisectFile,
): Promise<Pick<BisectTrial, 'seen'> & { answer: BisectAnswer }> {
  const { sides } = await client.get<Comparison>(
    `/v1/jobs/${job.id}/comparison?metric=${encodeURIComponent(metric)}`,
  );
  const row = sides.find((side) => side.variant === variant && side.workload === workload);
  if (row === undefined)
    throw new QibenchError('NOT_FOUND', { what: 'comparison of', id: `${variant}, ${workload}` });
  const answer =
    row.verdict === 'no-change' || row.verdict === 'same-binary'
      ? 'same'
      : row.verdict === 'regression' || row.verdict === 'improvement'
        ? 'changed'
        : 'unclear';
  return { answer, seen: { ratio: row.ratio, minimumDetectableRatio: row.minimumDetectableRatio } };
}

function planDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
