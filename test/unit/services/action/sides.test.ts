// SPDX-License-Identifier: GPL-2.0-or-later
import { sidesOf } from '#action/sides.js';
import type { Source } from '#action/source.js';
import { JobFile } from '#contract/job.js';

const wanted = { base: 'merge-base', repository: 'instrumentation' } as const;
const jobFile = (folders: Readonly<Record<string, string>>) =>
  JobFile.parse({
    name: 'own',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    variants: [
      'none',
      ...Object.entries(folders).map(([name, instrumentation]) => ({
        mode: 'static',
        name,
        instrumentation,
      })),
    ],
    workloads: [{ name: 'port-io' }],
  });
/** A commit that has these folders, each with a file. */
const sourceOf = (
  folders: Readonly<Record<string, string>>,
  present: readonly string[],
): Source => ({
  commit: 'b'.repeat(40),
  jobFile: jobFile(folders),
  instrumentation: null,
  workload: () => Promise.resolve(null),
  folder: async (_, name) =>
    present.includes(name) ? [{ path: 'instrument.c', content: Buffer.from('') }] : null,
});

test("the base side has each variant's own instrumentation, by the names of its own job file", async () => {
  const base = sourceOf({ one: 'old/one', two: 'two' }, ['old/one', 'two']);
  const sides = await sidesOf(jobFile({ one: 'new/one', two: 'two' }), base, wanted);

  expect(sides).toMatchObject({
    baseSha: base.commit,
    jobFile: { baseline: { instrumentations: { one: 'old/one', two: 'two' } } },
  });
});

test('a variant that the base lacks has no instrumentation there, and a base without any is missing', async () => {
  const head = jobFile({ one: 'one', added: 'added' });

  expect((await sidesOf(head, sourceOf({ one: 'one' }, ['one']), wanted)).jobFile.baseline).toEqual(
    { instrumentations: { one: 'one' } },
  );
  expect(await sidesOf(head, sourceOf({ one: 'one' }, []), wanted)).toMatchObject({
    baseSha: null,
    note: expect.stringContaining('No base') as string,
  });
});
