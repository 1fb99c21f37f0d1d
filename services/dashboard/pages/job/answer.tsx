// SPDX-License-Identifier: GPL-2.0-or-later
import { Link } from 'wouter';
import type { Job } from '#contract/job.js';
import { tooFewBlocks } from '#contract/findings.js';
import { progressWords } from '#contract/progress-words.js';
import { VerdictBadge } from '../../components/verdict-badge.js';
import { detectable, MDE_TITLE, verdictSummary, title } from '../comparison/verdict-summary.js';
import { useWallComparison } from './use-wall-comparison.js';

/**
 * Shows the verdicts on wall time so far, the minimum detectable effect and a link to the samples.
 */
export function Answer({ job }: { job: Job }) {
  const data = useWallComparison(job);
  const mde = data === undefined ? null : detectable(data);
  return (
    <div className="job-answer">
      {data !== undefined && (
        <>
          <p>
            <strong>{title(data)}</strong>
          </p>
          <ul>
            {verdictSummary(data).map(({ verdict, what, cases }) => (
              <li key={what}>
                <VerdictBadge verdict={verdict} cost={data.sides.length === 0}>
                  {what}
                </VerdictBadge>{' '}
                {cases.join(', ')}
              </li>
            ))}
          </ul>
          <p className="soft">{progressWords(data.progress)}</p>
          {data.progress.withinSeconds === null && (
            <p className="soft" title={MDE_TITLE}>
              {mde === null ? (tooFewBlocks(data) ?? 'No comparison yet.') : `MDE ${mde}`}
            </p>
          )}
        </>
      )}
      <Link href={`/jobs/${job.id}/compare`}>Samples and intervals</Link>
    </div>
  );
}
