// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo } from 'react';
import type { Comparison } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import { blocksText } from '#contract/progress-words.js';
import { shownVariant } from '../../format/variant.js';
import { ErrorNotice } from '../../components/error-notice.js';
import type { Choice } from './choice.js';
import { EventsTable } from './events-table.js';
import { Evidence } from './evidence.js';
import { Headline } from './headline.js';
import { Matrix } from './matrix.js';
import { OtherJob } from './other-job.js';
import { Share } from './share.js';
import { SidesTable } from './sides-table.js';
import type { VariantStyle } from './variant-mark.js';

interface ResultsProps {
  readonly job: Job;
  readonly comparison: Comparison;
  readonly hosts: HostList['hosts'];
  readonly choice: Choice;
  readonly onChoice: (change: Partial<Choice>) => void;
  readonly styles: ReadonlyMap<string, VariantStyle>;
  readonly refreshMs: number | false;
}

/** Shows everything below the filters: first the verdicts, then their evidence. */
export function Results({
  job,
  comparison,
  hosts,
  choice,
  onChoice,
  styles,
  refreshMs,
}: ResultsProps) {
  const { plan } = job;
  const shown = useMemo(
    () =>
      new Set(
        plan.variants
          .filter(({ side }) => choice.side === null || side === choice.side)
          .map(shownVariant)
          .filter((name) => choice.variants.length === 0 || choice.variants.includes(name)),
      ),
    [plan, choice.side, choice.variants],
  );
  const inWorkload = <T extends { readonly workload: string }>(rows: readonly T[]) =>
    rows.filter((row) => choice.workload === null || row.workload === choice.workload);
  const rows = useMemo(
    () =>
      comparison.rows.filter(
        (row) =>
          shown.has(shownVariant({ name: row.variant, side: row.side })) &&
          (choice.workload === null || row.workload === choice.workload),
      ),
    [comparison.rows, shown, choice.workload],
  );
  // A row of head against base concerns both sides: it appears if either side of its variant does.
  const either = <T extends { readonly variant: string; readonly workload: string }>(
    all: readonly T[],
  ) => inWorkload(all).filter(({ variant }) => shown.has(variant) || shown.has(`${variant}@base`));
  const [sides, changes] = [either(comparison.sides), either(comparison.changes)];
  const workload = choice.workload ?? plan.workloads[0]!.label;
  if (comparison.rows.length === 0 && job.error !== null) return <ErrorNotice error={job.error} />;
  return (
    <>
      <Headline job={job} comparison={comparison} hosts={hosts} />
      {comparison.rows.length === 0 && (
        <p className="card empty">Nothing to compare yet: {blocksText(job.blocksDone, plan)}.</p>
      )}
      {sides.length > 0 && (
        <SidesTable
          id="sides"
          title={comparison.same ? 'Head against itself' : 'Head against base'}
          explanation={`Ratio: head over base${comparison.same ? ', which are identical' : ''}`}
          rows={sides}
          comparison={comparison}
          styles={styles}
        />
      )}
      {changes.length > 0 && (
        <SidesTable
          id="changes"
          title="Change of overhead"
          explanation="Ratio: head’s overhead over base’s; 1 where QEMU as a whole got slower"
          rows={changes}
          comparison={comparison}
          styles={styles}
        />
      )}
      {rows.length > 0 && <Matrix comparison={comparison} rows={rows} styles={styles} />}
      {comparison.rows.length > 0 && (
        <>
          <EventsTable comparison={comparison} rows={rows} styles={styles} />
          <Evidence
            job={job}
            comparison={comparison}
            workload={workload}
            shown={shown}
            styles={styles}
            refreshMs={refreshMs}
          />
          <OtherJob job={job} comparison={comparison} choice={choice} onChoice={onChoice} />
          <Share job={job} comparison={comparison} choice={choice} />
        </>
      )}
    </>
  );
}
