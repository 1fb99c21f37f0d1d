// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample } from '#contract/sample.js';
import { duration } from '../../format/numbers.js';
import { quartiles } from './points.js';

/** Shows the noise of the host, summed over all runs. */
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

/** Returns the stolen time, the waiting time and the load of all runs in words. */
function totals(samples: readonly Sample[]): string {
  const sum = (valueOf: (sample: Sample) => string | null | undefined) =>
    samples.reduce((total, sample) => total + Number(valueOf(sample) ?? 0), 0);
  const load = quartiles(samples.flatMap(({ noise }) => noise?.load ?? []));
  const stolen = duration(sum(({ noise }) => noise?.stealNs));
  const waited = duration(sum(({ noise }) => noise?.pressureNs.cpu));
  const range = load === null ? '' : `; load: ${load.low.toFixed(1)} to ${load.high.toFixed(1)}`;
  return `Stolen from all runs: ${stolen}; tasks waited for CPU: ${waited}${range}.`;
}
