// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import { tooFewBlocks } from '#contract/findings.js';
import { isSupported } from '#contract/interval-words.js';
import { workNotes } from '#contract/work-words.js';
import { progressWords } from '#contract/progress-words.js';
import { shortDigest } from '../../format/digest.js';
import { percent } from '../../format/numbers.js';
import { ProgressBar } from '../../components/progress-bar.js';
import { VerdictBadge } from '../../components/verdict-badge.js';
import { Causes } from './causes.js';
import { detectable, MDE_TITLE, verdictSummary, title } from './verdict-summary.js';

const METHODS = {
  'signed-rank': 'exact signed ranks',
  'bca-bootstrap': 'BCa bootstrap',
  'walsh-averages': 'Walsh averages',
  'sign-sequence': 'signs, valid whenever measuring stops',
} as const;

interface HeadlineProps {
  readonly job: Job;
  readonly comparison: Comparison;
  readonly hosts: HostList['hosts'];
}

/** Shows the verdicts in words, with confidence, minimum detectable effect, threshold and hosts. */
export function Headline({ job, comparison, hosts }: HeadlineProps) {
  const { plan } = job;
  const { progress } = comparison;
  const interval =
    comparison.rows.find((row) => row.ratio !== null)?.ratio ?? comparison.sides[0]?.ratio ?? null;
  const mde = detectable(comparison);
  const few = tooFewBlocks(comparison);
  const second = job.blocksDone > plan.blocks;
  return (
    <section className="card headline" aria-labelledby="answer">
      <h2 id="answer" className="answer">
        {title(comparison)}
      </h2>
      <dl className="statements">
        {verdictSummary(comparison).map(({ verdict, what, cases }) => (
          <div key={what}>
            <dt>
              <VerdictBadge verdict={verdict} cost={comparison.sides.length === 0}>
                {what}
              </VerdictBadge>
            </dt>
            <dd>{cases.join(', ')}</dd>
          </div>
        ))}
      </dl>
      <Causes explanations={comparison.explanations} />
      {job.state === 'measuring' && progress.withinSeconds !== null && (
        <ProgressBar
          done={progress.spentSeconds}
          total={progress.withinSeconds}
          label={`Measuring: ${progressWords(progress)}`}
        />
      )}
      {comparison.advisoryReasons.map((reason) => (
        <p key={reason} className="notice unsure">
          <strong>Verdicts here are advisory.</strong> {reason}
        </p>
      ))}
      {workNotes(comparison).map((note) => (
        <p key={note} className="notice unsure">
          {note}
        </p>
      ))}
      {few !== null && <p className="notice unsure">{few}</p>}
      {comparison.mixedHosts && (
        <p className="notice unsure" role="status">
          <strong>
            Samples of {comparison.hostFingerprints.length} hosts or states of a host are compared.
          </strong>{' '}
          The ratios may reflect the hosts instead of the variants.
        </p>
      )}
      <dl className="facts-line">
        <Fact name="Measured" value={progressWords(progress)} />
        {second && <Fact name="Batches" value="two: the second confirms" />}
        {interval !== null && isSupported(interval) && (
          <Fact
            name="Confidence"
            value={`${percent(interval.confidence)} (${METHODS[interval.method]})`}
          />
        )}
        {mde !== null && <Fact name="MDE" title={MDE_TITLE} value={mde} />}
        <Fact
          name="Threshold"
          value={`${percent(plan.threshold)}${plan.thresholds.length > 0 ? ', and exceptions' : ''}`}
        />
        <Fact
          name={comparison.hostFingerprints.length === 1 ? 'Host' : 'Hosts'}
          value={
            comparison.hostFingerprints.map((digest) => hostText(digest, hosts)).join('; ') ||
            'none yet'
          }
        />
      </dl>
    </section>
  );
}

function Fact({ name, title, value }: { name: string; title?: string; value: string }) {
  return (
    <div>
      <dt title={title}>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function hostText(digest: string, hosts: HostList['hosts']): string {
  const host = hosts.find((known) => known.digest === digest);
  if (host === undefined) return shortDigest(digest);
  const alarms =
    `${host.alarms} false ${host.alarms === 1 ? 'alarm' : 'alarms'} in ` +
    `${host.comparisons} A/A ${host.comparisons === 1 ? 'comparison' : 'comparisons'}`;
  const trust =
    host.comparisons === 0 ? 'no A/A job yet' : host.advisory ? `advisory: ${alarms}` : alarms;
  return `${String(host.fingerprint['cpuModel'] ?? 'CPU unknown')}, ${shortDigest(digest)} (${trust})`;
}
