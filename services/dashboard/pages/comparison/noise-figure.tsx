import type { Sample } from '../../../contract/sample.js';
import { duration } from '../../format/numbers.js';
import { quartiles } from './points.js';

/** What was going on on the host during all runs together. */
export function NoiseFigure({ samples }: { samples: readonly Sample[] }) {
  return (
    <section className="card" aria-labelledby="noise">
      <h2 id="noise">Noise of the host</h2>
      {samples.every(({ noise }) => noise === null) ? (
        <p className="empty">No noise was recorded with these samples.</p>
      ) : (
        <p className="soft">{totals(samples)}</p>
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
