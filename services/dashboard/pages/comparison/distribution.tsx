// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo, useRef } from 'react';
import type uPlot from 'uplot';
import { groupsOf } from '../../format/groups.js';
import { Plot } from '../../components/plot.js';
import { AXES_HEIGHT, distributionOptions, ROW_HEIGHT } from './distribution-options.js';
import { isFirstBatch, quartiles, type Point } from './points.js';
import { SaveFigure } from './save-figure.js';
import { spreadOf } from './spread.js';
import type { ValueScale } from './value-scale.js';
import { VariantMark, type VariantStyle } from './variant-mark.js';

interface DistributionProps {
  readonly points: readonly Point[];
  readonly scale: ValueScale;
  readonly styles: ReadonlyMap<string, VariantStyle>;
  readonly workload: string;
}

/** Shows the distribution of the first batch, each variant around its own median. */
export function Distribution({ points, scale, styles, workload }: DistributionProps) {
  const figure = useRef<HTMLElement>(null);
  const rows = useMemo(() => {
    const groups = groupsOf(
      points.filter(({ sample }) => isFirstBatch(sample)),
      ({ variant }) => variant,
    );
    return [...styles.keys()].flatMap((variant) =>
      groups.has(variant) ? [[variant, groups.get(variant)!] as const] : [],
    );
  }, [points, styles]);
  const spreads = useMemo(
    () => rows.flatMap(([variant, group]) => spreadOf(variant, group) ?? []),
    [rows],
  );
  const data = useMemo<uPlot.AlignedData>(() => {
    const places = spreads.flatMap(({ shares }) => shares).sort((a, b) => a - b);
    return [places, places.map(() => 0)];
  }, [spreads]);
  const options = useMemo(
    () => distributionOptions(spreads, styles, scale),
    [spreads, styles, scale],
  );
  const title = `Distribution of ${workload}`;
  return (
    <section className="card" aria-label={title} ref={figure}>
      <div className="card-head">
        <h2>{title}</h2>
        <SaveFigure figure={figure} title={`${title}: ${scale.label}`} legend={styles} />
      </div>
      {rows.length === 0 ? (
        <p className="empty">No complete values yet.</p>
      ) : (
        <>
          <Plot
            options={options}
            data={data}
            height={rows.length * ROW_HEIGHT + AXES_HEIGHT}
            label={`${title}: ${scale.label}; the table of quartiles has the numbers`}
          />
          <details>
            <summary>Quartiles</summary>
            <div className="table-scroll">
              <table aria-label={`Quartiles of ${workload}`}>
                <thead>
                  <tr>
                    <th scope="col">Variant</th>
                    {[
                      'Samples',
                      'Minimum',
                      'Lower quartile',
                      'Median',
                      'Upper quartile',
                      'Maximum',
                    ].map((name) => (
                      <th key={name} scope="col" className="number">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([variant, group]) => (
                    <QuartileRow
                      key={variant}
                      variant={variant}
                      style={styles.get(variant)}
                      values={group.map(({ y }) => y)}
                      scale={scale}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}

function QuartileRow({
  variant,
  style,
  values,
  scale,
}: {
  variant: string;
  style: VariantStyle | undefined;
  values: readonly number[];
  scale: ValueScale;
}) {
  const box = quartiles(values)!;
  return (
    <tr>
      <th scope="row">
        <VariantMark style={style} /> {variant}
      </th>
      <td className="number">{values.length}</td>
      {[box.low, box.lower, box.median, box.upper, box.high].map((value, index) => (
        <td key={index} className="number">
          {scale.text(value)}
        </td>
      ))}
    </tr>
  );
}
