// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { ensureFetched } from '#worker/build/fetched.js';
import { readVersions } from '#worker/build/versions.js';
import { containersOf } from '#support/step-containers.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const GIB = 1024 ** 3;
const entry = (await readVersions(process.cwd()))['7.2']!;

test.each([
  [
    { git: 'https://host.example/q', commit: '0'.repeat(40), subprojects: 'none' as const },
    'sources',
  ],
  [{ tarball: 'https://host.example/q', sha256: '0'.repeat(64) }, 'sources'],
  [{ upload: DIGEST }, 'none'],
])(
  'the container that fetches %j has the network %s and no more rights',
  async (fetched, network) => {
    const containers = await containersOf(
      (context) =>
        ensureFetched(context, fetched, {
          entry,
          toolchain: { tag: 'toolchain', key: 't' },
          hosts: ['host.example'],
          openUpload: () => Promise.resolve({ files: [], content: () => Readable.from([]) }),
        }),
      /^(?:debian|qibench\/fetcher)/,
    );

    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      user: '1000:1000',
      network,
      readOnlyRoot: false,
      timeMs: 600_000,
      memoryBytes: 2 * GIB,
      pids: 256,
      diskBytes: 8 * GIB,
      mounts:
        'git' in fetched ? [{ volume: 'qibench-mirrors', path: '/mirror', readOnly: false }] : [],
    });
  },
);
