// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { blocksText } from '#contract/progress-words.js';
import type { ReportedList } from '#contract/reported.js';
import { shownVariant } from '#contract/side.js';
import type { Context } from './context.js';
import { reportedText } from './reported-table.js';
import { eventCostText } from './event-cost-table.js';
import { comparisonText } from './table.js';

/** Choice of the samples that a comparison uses. */
export interface ComparisonChoice {
  readonly metric: string;
  readonly mixedHosts: boolean;
}

/** Returns a line for each variant that the job leaves out. */
export function refusedLines({ plan: { refused = [] } }: Pick<Job, 'plan'>): string[] {
  return refused.map(
    ({ variant, side, reason }) =>
      `refused: ${printable(shownVariant({ name: variant, side }))}, which needs a port; none applies: ` +
      printable(reason),
  );
}

/** Prints the state of a job, its error and its comparison if it has finished blocks. */
export async function showJob(
  { client, print }: Context,
  job: Job,
  choice: ComparisonChoice = { metric: 'wallNs', mixedHosts: false },
): Promise<void> {
  const query = new URLSearchParams({
    metric: choice.metric,
    mixedHosts: String(choice.mixedHosts),
  });
  const comparison =
    job.blocksDone > 0
      ? await client().get<Comparison>(`/v1/jobs/${job.id}/comparison?${query}`)
      : null;
  const { reported } =
    job.blocksDone > 0
      ? await client().get<ReportedList>(`/v1/jobs/${job.id}/reported`)
      : { reported: [] };
  print({ job, comparison, reported }, () => {
    const lines = [
      `${job.id}  ${job.state}, ${blocksText(job.blocksDone, job.plan)}  ${printable(job.name)}`,
    ];
    if (job.error !== null)
      lines.push(
        `${job.error.kind} error ${job.error.code}: ${printable(job.error.message)}`,
        ...job.error.details.map(
          ({ path, message }) => `  ${printable(path)}: ${printable(message)}`,
        ),
      );
    lines.push(
      ...job.truncations.map(
        ({ what, limitBytes }) => `truncated: ${printable(what)}, limited to ${limitBytes} bytes`,
      ),
    );
    lines.push(...refusedLines(job));
    if (comparison !== null)
      lines.push(comparisonText(comparison), ...eventCostText(job.plan, comparison));
    if (reported.length > 0) lines.push(reportedText(reported));
    return lines.join('\n');
  });
}
