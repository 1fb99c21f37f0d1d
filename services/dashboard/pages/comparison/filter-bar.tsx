// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { MetricList } from '#contract/metric-list.js';
import type { Side } from '#contract/side.js';
import type { Choice } from './choice.js';
import { VariantToggles } from './variant-toggles.js';
import type { VariantStyle } from './variant-mark.js';

interface FilterBarProps {
  readonly plan: JobPlan;
  readonly metrics: MetricList['metrics'];
  readonly choice: Choice;
  readonly onChoice: (change: Partial<Choice>) => void;
  readonly styles: ReadonlyMap<string, VariantStyle>;
}

/** Form that selects the metric, the workload, the side and the variants to show. */
export function FilterBar({ plan, metrics, choice, onChoice, styles }: FilterBarProps) {
  // A metric in the address stays selected even if the job lacks it.
  const known = metrics.some(({ name }) => name === choice.metric);
  return (
    <form className="filters" aria-label="Selection" onSubmit={(event) => event.preventDefault()}>
      <div className="field">
        <label htmlFor="metric">Metric</label>
        <select
          id="metric"
          value={choice.metric}
          onChange={(event) => onChoice({ metric: event.target.value })}
        >
          {!known && <option value={choice.metric}>{metricText(choice.metric)}</option>}
          {metrics.map(({ name, unit, description }) => (
            <option key={name} value={name} title={description}>
              {metricText(name)}
              {name !== 'wallNs' && ` (${unit})`}
            </option>
          ))}
        </select>
      </div>
      {plan.workloads.length > 1 && (
        <div className="field">
          <label htmlFor="workload">Workload</label>
          <select
            id="workload"
            value={choice.workload ?? ''}
            onChange={(event) =>
              onChoice({ workload: event.target.value === '' ? null : event.target.value })
            }
          >
            <option value="">all</option>
            {plan.workloads.map(({ label }) => (
              <option key={label}>{label}</option>
            ))}
          </select>
        </div>
      )}
      {plan.variants.some(({ side }) => side === 'base') && (
        <div className="field">
          <label htmlFor="side">Side</label>
          <select
            id="side"
            value={choice.side ?? ''}
            onChange={(event) =>
              onChoice({ side: event.target.value === '' ? null : (event.target.value as Side) })
            }
          >
            <option value="">both</option>
            <option value="head">head</option>
            <option value="base">base</option>
          </select>
        </div>
      )}
      <fieldset className="field">
        <legend className="label">Variants</legend>
        <VariantToggles plan={plan} choice={choice} onChoice={onChoice} styles={styles} />
      </fieldset>
    </form>
  );
}

function metricText(name: string): string {
  return name === 'wallNs' ? 'wall time' : name;
}
