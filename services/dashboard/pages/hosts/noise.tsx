// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type uPlot from 'uplot';
import type { NoiseList, NoiseSample } from '#contract/host.js';
import { timeTexts } from '../../format/axis.js';
import { percent, significant } from '../../format/numbers.js';
import { minuteOfDay, moment } from '../../format/times.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { Plot } from '../../components/plot.js';
import { token, useTheme } from '../../components/theme.js';
import { grouped, KINDS, spread } from './noise-figures.js';

const RUNS = 480;
const PLOT_HEIGHT = 150;

/** Shows the noise during the newest runs of a host. */
export function Noise({ digest }: { digest: string }) {
  const path = withQuery(`/v1/hosts/${encodeURIComponent(digest)}/noise`, { limit: RUNS });
  const noise = useQuery({
    queryKey: ['noise', digest],
    queryFn: ({ signal }) => get<NoiseList>(path, signal),
    refetchInterval: 20_000,
  });
  return (
    <section aria-label="Noise">
      <h3>Noise</h3>
      <Loaded query={noise} height={PLOT_HEIGHT + 240}>
        {({ samples }) =>
          samples.length === 0 ? (
            <p className="soft">No run on this host has recorded its noise.</p>
          ) : (
            <NoiseFigures samples={samples} />
          )
        }
      </Loaded>
    </section>
  );
}

function NoiseFigures({ samples }: { samples: readonly NoiseSample[] }) {
  const from = moment(samples[0]!.at);
  const to = moment(samples.at(-1)!.at);
  return (
    <>
      <p className="soft">
        Load during the newest {samples.length} runs, in their order, {from} to {to}: median, and
        the band that contains 80 % of them. Times are to the minute.
      </p>
      <LoadPlot samples={samples} />
      <div className="table-scroll inside" tabIndex={0} role="region" aria-label="Noise in numbers">
        <table className="compact">
          <thead>
            <tr>
              <th>Per run</th>
              <th className="number">Median</th>
              <th className="number">80 % within</th>
              <th className="number">Worst</th>
            </tr>
          </thead>
          <tbody>
            {KINDS.map(({ name, unit, explained, value }) => {
              const figures = spread(samples.map(value));
              const text = (value: number) =>
                unit === 'share' ? percent(value) : significant(value);
              return (
                <tr key={name}>
                  <th scope="row">
                    {name}
                    <div className="soft noise-explained">{explained}</div>
                  </th>
                  {figures === null ? (
                    <td className="soft" colSpan={3}>
                      not reported by the host
                    </td>
                  ) : (
                    <>
                      <td className="number">{text(figures.median)}</td>
                      <td className="number">
                        {text(figures.low)} to {text(figures.high)}
                      </td>
                      <td className="number">{text(figures.worst)}</td>
                    </>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function LoadPlot({ samples }: { samples: readonly NoiseSample[] }) {
  const theme = useTheme();
  const groups = useMemo(() => grouped(samples, ({ load }) => load), [samples]);
  const times = useMemo(() => groups.map(({ at }) => at), [groups]);
  const column = (figure: 'median' | 'low' | 'high') =>
    groups.map(({ spread: figures }) => (figures === null ? null : figures[figure]));
  const data = [
    groups.map((_, index) => index),
    column('low'),
    column('high'),
    column('median'),
  ] as uPlot.AlignedData;
  const options = useMemo(() => loadOptions(times, theme), [times, theme]);
  return (
    <Plot
      options={options}
      data={data}
      height={PLOT_HEIGHT}
      label={`Load during ${samples.length} runs, in groups of consecutive runs`}
    />
  );
}

/**
 * The axis is the order of the runs: jobs may be days apart, and the API rounds times to minutes.
 */
function loadOptions(
  times: readonly string[],
  _theme: string,
): Omit<uPlot.Options, 'width' | 'height'> {
  const oneDay = new Date(times[0]!).toDateString() === new Date(times.at(-1)!).toDateString();
  const shown = (iso: string) => (oneDay ? minuteOfDay(iso) : moment(iso).replace(/ \d{4},/, ','));
  const colour = token('--series-1');
  return {
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false } },
    axes: [
      {
        values: (_, ticks) => timeTexts(times, ticks, shown),
        space: 110,
      },
      { size: 64 },
    ],
    bands: [{ series: [2, 1], fill: `color-mix(in srgb, ${colour} 22%, transparent)` }],
    series: [
      {},
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: colour, width: 2, points: { show: times.length < 3 } },
    ],
  };
}
