// SPDX-License-Identifier: GPL-2.0-or-later
import type { HostFingerprint } from '#contract/host.js';
import { bytes } from '../../format/numbers.js';

/** Shows every field that the digest of a host covers. */
export function Fingerprint({
  digest,
  facts,
}: {
  digest: string;
  facts: Partial<HostFingerprint>;
}) {
  const rows: [string, string | number | undefined][] = [
    ['Processor', facts.cpuModel],
    ['Microcode', facts.microcode],
    ['CPUs', facts.cores],
    ['Measured on', facts.cpuset === undefined ? undefined : `CPU ${facts.cpuset}`],
    ['Memory', bytes(facts.memoryBytes)],
    ['Kernel', facts.kernel],
    ['Docker', facts.docker],
    ['Runtime', facts.runtime],
  ];
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
      {facts.environments?.map(({ compiler, base, runner }) => (
        <div className="environment" key={base + runner + compiler}>
          <Fact name="Compiler" value={compiler} />
          <Fact name="Base image" value={base} code />
          <Fact name="Runner image" value={runner} code />
        </div>
      ))}
      <Fact name="CPU flags" value={facts.cpuFlags} code />
      <Fact name="Digest" value={digest} code />
    </dl>
  );
}

function Fact({
  name,
  value,
  code = false,
}: {
  name: string;
  value: string | number | undefined;
  code?: boolean;
}) {
  if (value === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{code ? <code>{value}</code> : value}</dd>
    </>
  );
}
