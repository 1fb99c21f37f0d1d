// SPDX-License-Identifier: GPL-2.0-or-later
import type { Host } from '#contract/host.js';
import { duration, percent } from '../../format/numbers.js';

/** Shows the noise of guests on this host and the effect of a build's layout. */
export function Guests({ guests }: Pick<Host, 'guests'>) {
  return (
    <section aria-label="Noise of guests">
      <h3>Noise of guests</h3>
      {guests.length === 0 ? (
        <p>No job with comparisons has run on this host.</p>
      ) : (
        <div className="table-scroll">
          <table aria-label="Noise of guests">
            <thead>
              <tr>
                <th scope="col">Workload</th>
                <th scope="col">Target</th>
                <th
                  scope="col"
                  className="number"
                  title="Robust standard deviation of the ratio of a block"
                >
                  Noise sd
                </th>
                <th
                  scope="col"
                  className="number"
                  title="Standard deviation over links of the same objects, from A/A jobs"
                >
                  Layout sd
                </th>
                <th scope="col" className="number">
                  A run
                </th>
              </tr>
            </thead>
            <tbody>
              {guests.map(({ target, workload, noiseSd, layoutSd, runSeconds }) => (
                <tr key={`${target} ${workload}`}>
                  <th scope="row">{workload}</th>
                  <td>{target}</td>
                  <td className="number">{percent(noiseSd)}</td>
                  <td className="number">{layoutSd === null ? 'no A/A job' : percent(layoutSd)}</td>
                  <td className="number">{duration(1e9 * runSeconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
