// SPDX-License-Identifier: GPL-2.0-or-later
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import type { Sample, SampleList, SampleSize } from '#contract/sample.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { Distribution } from './distribution.js';
import { NoiseFigure } from './noise-figure.js';
import { pointsOf, valueOf } from './points.js';
import { SamplesFigure } from './samples-figure.js';
import { absoluteScale, ratioScale } from './value-scale.js';
import { VariantMark, type VariantStyle } from './variant-mark.js';

/** Sizes of a run's work, in the order of the page. */
const SIZES: readonly SampleSize[] = ['full', 'middle', 'empty'];

interface EvidenceProps {
  readonly job: Job;
  readonly comparison: Comparison;
  readonly workload: string;
  /** Labels of the shown variants. */
  readonly shown: ReadonlySet<string>;
  readonly styles: ReadonlyMap<string, VariantStyle>;
  /** Interval between requests in ms; false turns refreshing off. */
  readonly refreshMs: number | false;
}

/** Shows the samples of one workload behind the figures above. */
export function Evidence({ refreshMs, ...props }: EvidenceProps) {
  const {
    job,
    comparison: { metric },
    workload,
  } = props;
  const counts = metric === 'hostInstructions' || metric === 'guestInstructions';
  const samples = useQuery({
    queryKey: ['samples', job.id, workload, counts],
    queryFn: async ({ signal }) => {
      const samplesOf = (kind: Sample['kind']) =>
        get<SampleList>(withQuery(`/v1/jobs/${job.id}/samples`, { workload, kind }), signal);
      return {
        timed: (await samplesOf('timed')).samples,
        counted: counts ? (await samplesOf('instructions')).samples : [],
      };
    },
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={samples} height={900}>
      {({ timed, counted }) => (
        <Figures
          {...props}
          timed={timed}
          samples={timed.some((sample) => valueOf(sample, metric) !== null) ? timed : counted}
        />
      )}
    </Loaded>
  );
}

/** @param samples The samples that have the metric: timed ones if any of them have it. */
function Figures({
  job,
  comparison,
  workload,
  shown,
  styles,
  timed,
  samples,
}: Omit<EvidenceProps, 'refreshMs'> & { timed: readonly Sample[]; samples: readonly Sample[] }) {
  const { metric, unit, baseline } = comparison;
  const [relative, setRelative] = useState(false);
  const name = useId();
  const sizes = SIZES.filter((candidate) => samples.some((sample) => sample.size === candidate));
  const [size, setSize] = useState<SampleSize>('full');
  const points = useMemo(
    () =>
      pointsOf(
        samples.filter((sample) => sample.size === size),
        metric,
        relative ? baseline : null,
      ).filter(({ variant }) => shown.has(variant)),
    [samples, size, metric, relative, baseline, shown],
  );
  const scale = useMemo(
    () =>
      relative
        ? ratioScale(baseline)
        : absoluteScale(
            metric,
            unit,
            points.map(({ y }) => y),
          ),
    [relative, baseline, metric, unit, points],
  );
  const visible = useMemo(
    () => new Map([...styles].filter(([variant]) => shown.has(variant))),
    [styles, shown],
  );
  const figure = { points, scale, styles: visible, workload };
  return (
    <>
      <div className="figures-head no-print">
        <ul className="figures-legend" aria-label="Marks of the variants">
          {[...visible].map(([variant, style]) => (
            <li key={variant}>
              <VariantMark style={style} /> {variant}
            </li>
          ))}
        </ul>
        <fieldset className="row">
          <legend className="visually-hidden">Values in the figures</legend>
          <span className="soft">Values</span>
          {(
            [
              [false, 'absolute'],
              [true, `ratio to ${baseline} in its block`],
            ] as const
          ).map(([value, text]) => (
            <label key={text} className="choice">
              <input
                type="radio"
                name={name}
                checked={relative === value}
                onChange={() => setRelative(value)}
              />
              {text}
            </label>
          ))}
        </fieldset>
        {sizes.length > 1 && (
          <fieldset className="row">
            <legend className="visually-hidden">Work of the runs in the figures</legend>
            <span className="soft">Work</span>
            {sizes.map((option) => (
              <label key={option} className="choice">
                <input
                  type="radio"
                  name={`${name}-size`}
                  checked={size === option}
                  onChange={() => setSize(option)}
                />
                {option}
              </label>
            ))}
          </fieldset>
        )}
      </div>
      <SamplesFigure {...figure} blocks={job.plan.blocks} />
      <div className="columns">
        <Distribution {...figure} />
        <NoiseFigure samples={timed} />
      </div>
    </>
  );
}
