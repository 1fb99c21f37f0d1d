// SPDX-License-Identifier: GPL-2.0-or-later
import type { KnobReport } from '#contract/host.js';
import { Badge, type BadgeTone } from '../../components/badge.js';

const MEANS: Record<KnobReport['name'], string> = {
  governor: 'CPU frequency governor',
  turbo: 'turbo frequencies',
  smt: 'two threads per core',
  thp: 'transparent huge pages',
  swap: 'swap space',
  aslr: 'address space randomisation',
  priority: 'scheduling policy of measured runs',
};

const STATUS: Record<KnobReport['status'], { readonly tone: BadgeTone; readonly words: string }> = {
  set: { tone: ['better', '✓'], words: 'set by the worker' },
  already: { tone: ['better', '='], words: 'already good' },
  skipped: { tone: ['unsure', '–'], words: 'left unchanged' },
};

/** Shows the host settings that affect timings, and the action of the worker on each. */
export function KnobTable({ knobs }: { knobs: readonly KnobReport[] }) {
  return (
    <div className="table-scroll inside" tabIndex={0} role="region" aria-label="Tuning">
      <table>
        <thead>
          <tr>
            <th>Setting</th>
            <th>Value</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {knobs.map(({ name, value, status, reason }) => {
            const { tone, words } = STATUS[status];
            return (
              <tr key={name}>
                <th scope="row">
                  {MEANS[name] ?? name} <code className="soft">{name}</code>
                </th>
                <td className="mono">{value ?? '?'}</td>
                <td>
                  <Badge tone={tone}>{words}</Badge>
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
