// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { Build } from '#contract/build.js';
import { took } from '../../format/numbers.js';
import { get } from '../../http/client.js';
import { Digest } from '../../components/digest.js';
import { Loaded } from '../../components/loaded.js';

/** Shows the QEMU build of every variant: its key, the key's inputs and the binary. */
export function Builds({ id }: { id: string }) {
  const builds = useQuery({
    queryKey: ['job', id, 'builds'],
    queryFn: ({ signal }) => get<{ builds: Build[] }>(`/v1/jobs/${id}/builds`, signal),
  });
  return (
    <section className="card" aria-label="Builds">
      <div className="card-head">
        <h2>Builds</h2>
        <span className="soft">Equal inputs have equal keys and share one build.</span>
      </div>
      <Loaded query={builds} height={160}>
        {({ builds: list }) =>
          list.length === 0 ? <p className="empty">No builds yet.</p> : <BuildTable builds={list} />
        }
      </Loaded>
    </section>
  );
}

function BuildTable({ builds }: { builds: readonly Build[] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Table of builds">
      <table>
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">Key and its inputs</th>
            <th scope="col">Binary</th>
            <th scope="col">Build</th>
            <th scope="col" className="number">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {builds.map((build) => (
            <tr key={`${build.side} ${build.variant}`}>
              <td>{build.side === 'base' ? `${build.variant}@base` : build.variant}</td>
              <td>
                <details>
                  <summary>
                    <Digest digest={build.key} />
                  </summary>
                  <BuildFacts build={build} />
                </details>
              </td>
              <td>
                <Digest digest={build.binaryDigest} />
              </td>
              <td>{build.cached ? <span className="badge">cached</span> : 'built'}</td>
              <td className="number">{took(build.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BuildFacts({ build: { key, inputs, binaryDigest, image } }: { build: Build }) {
  const facts: [string, string][] = [
    ['Key', key],
    ['Binary', binaryDigest],
    ['Image', image],
    ['Source', inputs.source],
    ['Patches of qibench', inputs.patches],
    ['Toolchain', inputs.toolchain],
    ['Target', inputs.target],
    ['Backends', inputs.backends.join(', ') || 'none'],
    ['Instrumented', inputs.instrument],
    ['Events', inputs.events.join(', ') || 'none'],
    ['Instrumentation', inputs.instrumentation ?? 'not part of the key'],
    ['Configured with', inputs.configure.join(' ')],
  ];
  return (
    <dl className="facts build-facts">
      {facts.map(([name, value]) => [
        <dt key={name}>{name}</dt>,
        <dd key={`${name}=`} className="mono">
          {value}
        </dd>,
      ])}
    </dl>
  );
}
