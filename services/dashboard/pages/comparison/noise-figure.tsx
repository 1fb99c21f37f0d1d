import { useMemo } from 'react';
import type uPlot from 'uplot';
import type { Sample } from '../../../contract/sample.js';
import { duration } from '../../format/numbers.js';
import { Plot } from '../../parts/plot.js';
import { canaryRatios } from './noise.js';
import { noiseOptions } from './noise-options.js';
import { quartiles } from './points.js';

/** How fast the CPUs were before each run, block by block: why a block was slow. */
export function NoiseFigure({ samples }: { samples: readonly Sample[] }) {
  const ratios = useMemo(() => canaryRatios(samples), [samples]);
  const data = useMemo<uPlot.AlignedData>(
    () => [ratios.map(({ block }) => block), ratios.map(({ ratio }) => Math.log(ratio))],
    [ratios],
  );
  const options = useMemo(() => noiseOptions(ratios), [ratios]);
  return (
    <section className="card" aria-labelledby="noise">
      <h2 id="noise">Noise of the host</h2>
      {ratios.length === 0 ? (
        <p className="empty">No noise was recorded with these samples.</p>
      ) : (
        <>
          <Plot
            options={options}
            data={data}
            height={200}
            label="Canary by block: time of a fixed piece of CPU work before each run, over the usual one"
          />
          <p className="soft">
            The canary is a fixed piece of CPU work before each run: above 1 the CPUs were slower
            than usual. Lines: medians of blocks. {totals(samples)}
          </p>
        </>
      )}
    </section>
  );
}

/** What was stolen and waited for altogether. */
function totals(samples: readonly Sample[]): string {
  const sum = (of: (sample: Sample) => string | null | undefined) =>
    samples.reduce((total, sample) => total + Number(of(sample) ?? 0), 0);
  const load = quartiles(samples.flatMap(({ noise }) => noise?.load ?? []));
  return `Stolen from all runs: ${duration(sum(({ noise }) => noise?.stealNs))}; tasks waited for CPU: ${duration(sum(({ noise }) => noise?.pressureNs.cpu))}${load === null ? '' : `; load: ${load.low.toFixed(1)} to ${load.high.toFixed(1)}`}.`;
}
