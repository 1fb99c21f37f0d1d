// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Import } from '#contract/import.js';
import { execute, installPackages } from '#support/debian-tools.js';
import { Exports } from '#support/exports.js';

let exports: Exports;
let client: Client;
beforeAll(async () => {
  await installPackages('hyperfine', 'libbenchmark-tools');
  exports = await Exports.start();
  ({ client } = exports);
}, 300_000);
afterAll(() => exports.stop());

test('a hyperfine result is ingested to the nanosecond', async () => {
  const file = join(exports.folder, 'hyperfine.json');
  await execute('hyperfine', ['-N', '--runs', '4', '--export-json', file, 'sleep 0.002']);
  const theirs = (JSON.parse(readFileSync(file, 'utf8')) as { results: { times: number[] }[] })
    .results[0]!;

  const { stdout } = await exports.command(
    '--json',
    'history',
    'import',
    file,
    '--format',
    'hyperfine',
    '--project',
    'formats',
    '--host',
    'here',
    '--commit',
    'v1',
  );
  const { results } = JSON.parse(stdout) as Import;

  expect(results).toMatchObject([
    {
      benchmark: 'sleep 0.002',
      metric: 'wallNs',
      unit: 'ns',
      samples: theirs.times.map((seconds) => Math.round(seconds * 1e9)),
    },
  ]);
});

test("the inputs of google-benchmark's own tests are ingested", async () => {
  const document = JSON.parse(
    readFileSync('/usr/share/benchmark/gbench/Inputs/test1_run1.json', 'utf8'),
  ) as { benchmarks: { name: string; run_type?: string }[] };
  const imported = await client.post<Import>('/v1/imports', {
    format: 'google-benchmark',
    project: 'formats',
    host: 'theirs',
    document,
  });

  expect(imported.results.map(({ benchmark }) => benchmark)).toEqual(
    document.benchmarks
      .filter(({ run_type: type }) => type !== 'aggregate')
      .map(({ name }) => name),
  );
});

test('API and command refuse an invalid document with place, rule and a hint', async () => {
  const file = await exports.exported('hyperfine');
  const refused = await exports
    .command('history', 'import', file, '--format', 'bmf', '--project', 'formats', '--host', 'here')
    .then(
      () => '',
      (error: { stderr: string }) => error.stderr,
    );

  expect(refused).toContain('the document does not match the format bmf');
  expect(refused).toContain('it looks like hyperfine');
  await expect(
    client.post('/v1/imports', {
      format: 'bmf',
      project: 'formats',
      host: 'x',
      document: { a: { latency: { value: 1 } } },
    }),
  ).rejects.toMatchObject({
    code: 'BAD_IMPORT',
    details: [
      { path: 'a.latency', message: expect.stringContaining('give a direction') as string },
    ],
  });
});

test('an import of ten thousand results is ingested, and one more result is refused', async () => {
  const document = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`b${index}`, { 'wall-ns': { value: index } }]),
    );
  const body = { format: 'bmf', project: 'large', host: 'x' };

  expect(
    (await client.post<Import>('/v1/imports', { ...body, document: document(10_000) })).results,
  ).toHaveLength(10_000);
  await expect(client.post('/v1/imports', { ...body, document: document(10_001) })).rejects.toThrow(
    'more than 10000 results',
  );
}, 60_000);

test(
  'an imported metric declared by a workload here gets its unit and direction from the ' +
    'declaration',
  async () => {
    const { results } = await client.post<Import>('/v1/imports', {
      format: 'bmf',
      project: 'formats',
      host: 'x',
      document: {
        'linux-boot/none': { 'boot.uptime': { value: 2 }, 'host-instructions': { value: 5 } },
      },
    });

    expect(results).toMatchObject([
      { metric: 'boot.uptime', unit: 's', direction: 'smaller-is-better' },
      { metric: 'hostInstructions', unit: 'instructions', direction: 'smaller-is-better' },
    ]);
  },
);
