import type { KnobReport } from '../../../contract/host.js';

const MEANS: Record<KnobReport['name'], string> = {
  governor: 'CPU frequency governor',
  turbo: 'turbo frequencies',
  smt: 'two threads per core',
  thp: 'transparent huge pages',
  swap: 'swap space',
  aslr: 'address space randomisation',
};

const STATUS: Record<KnobReport['status'], readonly [className: string, mark: string, words: string]> = {
  set: ['better', '✓', 'set by the worker'],
  already: ['better', '=', 'good already'],
  skipped: ['unsure', '–', 'left as it is'],
};

/** Settings of the host that timings depend on, and what was done about each. */
export function KnobTable({ knobs }: { knobs: readonly KnobReport[] }) {
  return (
    <div className="table-scroll inside" tabIndex={0} role="region" aria-label="Tuning">
      <table>
        <thead>
          <tr>
            <th>Setting</th>
            <th>Is</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {knobs.map(({ name, value, status, reason }) => {
            const [className, mark, words] = STATUS[status];
            return (
              <tr key={name}>
                <th scope="row">
                  {MEANS[name] ?? name} <code className="soft">{name}</code>
                </th>
                <td className="mono">{value ?? '?'}</td>
                <td>
                  <span className={`badge ${className}`}>
                    <span aria-hidden="true">{mark}</span>
                    {words}
                  </span>
                  {reason !== null && <span className="soft why"> {reason}</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
