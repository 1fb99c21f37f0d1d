// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorBody } from '#contract/error.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { stops, verdictOfFinding, type FailOn, type Finding } from '#contract/findings.js';
import { spanWords } from '#contract/verdict-words.js';
import type { Outcome } from './outcome.js';
import { plain } from '#client/markdown.js';

/** How a run of the Action ended. */
export type Ending =
  | {
      readonly type: 'measured';
      readonly job: Job;
      readonly comparisons: readonly Comparison[];
      readonly outcome: Outcome;
    }
  | {
      readonly type: 'code-failed';
      readonly job: Job | null;
      readonly error: ErrorBody;
      readonly logTail: string;
    }
  | { readonly type: 'service-failed'; readonly job: Job | null; readonly error: ErrorBody }
  | { readonly type: 'cancelled'; readonly job: Job | null; readonly by: 'workflow' | 'user' }
  | { readonly type: 'unchanged' }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'detached'; readonly job: Job };

export interface Judgement {
  /** Conclusion of the check run. */
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'skipped';
  readonly title: string;
  readonly stepFails: boolean;
  /** Output `status`. */
  readonly status:
    | 'succeeded'
    | 'failed'
    | 'service-failed'
    | 'cancelled'
    | 'timed-out'
    | 'unchanged'
    | 'skipped'
    | 'submitted';
}

/** Turns an ending into check run, title and status. Advisory verdicts never fail the step. */
export function judge(
  ending: Ending,
  { failOn, onServiceError }: { readonly failOn: FailOn; readonly onServiceError: 'fail' | 'warn' },
): Judgement {
  switch (ending.type) {
    case 'measured':
      return measured(ending.outcome, failOn);
    case 'code-failed':
      return {
        conclusion: 'failure',
        title: failedTitle(ending.error),
        stepFails: true,
        status: 'failed',
      };
    case 'service-failed': {
      const late = ending.error.code === 'NOT_IN_TIME';
      const fails = onServiceError === 'fail';
      const title = late
        ? 'the measurement took too long: the code was not judged'
        : 'qibench itself failed: the code was not judged';
      return {
        conclusion: !fails ? 'neutral' : late ? 'timed_out' : 'failure',
        title,
        stepFails: fails,
        status: late ? 'timed-out' : 'service-failed',
      };
    }
    case 'cancelled':
      return {
        conclusion: 'cancelled',
        title: 'cancelled: the code was not judged',
        stepFails: true,
        status: 'cancelled',
      };
    case 'unchanged':
      return {
        conclusion: 'success',
        title: 'the job file and the measured folders have not changed',
        stepFails: false,
        status: 'unchanged',
      };
    case 'skipped':
      return { conclusion: 'skipped', title: 'not measured', stepFails: false, status: 'skipped' };
    case 'detached':
      return {
        conclusion: 'neutral',
        title: 'submitted; the step does not wait for the result',
        stepFails: false,
        status: 'submitted',
      };
  }
}

function measured(
  { verdict, advisory, findings, missingMetrics }: Outcome,
  failOn: FailOn,
): Judgement {
  const verdicts = findings.map(verdictOfFinding);
  const bad = verdicts.filter((item) => item === 'regression').length;
  const open = findings.filter((finding) => verdictOfFinding(finding) === 'inconclusive');
  const fails = stops(verdict, { failOn, advisory });
  const aside = advisory ? ' (advisory: the host raises too many false alarms)' : '';
  const nothing =
    missingMetrics.length === 0
      ? ''
      : `; no values to compare for ${plain(missingMetrics.join(', '), 80)}`;
  const summary = {
    regression: `${bad} of ${findings.length} comparison(s): regression`,
    inconclusive: `no regression shown; ${notDecided(open, findings.length)}${nothing}`,
    improvement: 'no regression; an improvement',
    'no-change': 'no change above the threshold',
    'same-binary': 'head and base are the same binaries',
    'not-compared': 'measured, but nothing was compared: the job has no base',
  }[verdict];
  const unsure = ['regression', 'inconclusive', 'not-compared'].includes(verdict);
  return {
    conclusion: fails ? 'failure' : unsure ? 'neutral' : 'success',
    title: `${summary}${aside}`,
    stepFails: fails,
    status: 'succeeded',
  };
}

/** Words for the undecided comparisons: their number and the span of their ratios. */
function notDecided(open: readonly Finding[], all: number): string {
  const ratios = open.map(({ row }) => row.ratio);
  return (
    `${open.length} of ${all} comparison(s) not ` +
    `decided${open.length === 0 ? '' : `: ${spanWords(ratios)}`}`
  );
}

/**
 * Returns a title without the error's message: GitHub renders titles as Markdown, and the message
 * may quote untrusted text. The report has the message as code.
 */
function failedTitle({ code }: ErrorBody): string {
  if (code === 'COMPILE_FAILED') return 'the code does not compile';
  if (code === 'PATCH_FAILED' || code === 'PATCH_CONFLICT') return 'the patches do not apply';
  return `the job failed (${code})`;
}
