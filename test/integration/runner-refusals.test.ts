// SPDX-License-Identifier: GPL-2.0-or-later
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `runner-refusals-${process.pid}` };
const context = testContext(process.cwd(), labels);
let image: string;
beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
}, 300_000);
afterAll(() => context.backend.sweep(labels));

test.each([
  ['a malformed request', 'walk 1 2\n', 'not a request'],
  ['a request with too many strings', 'run 1000 100 - 0 0 1 0 0 0 0 4 0\na\0b\0', 'other strings'],
  ['a request with too few', 'run 1000 100 - 0 0 1 0 0 0 1 2 0\na\0', 'other strings'],
  ['a CPU that is not a number', 'run 1000 100 x 0 0 1 0 0 0 0 2 0\na\0', 'not a CPU'],
])('%s ends the runner with an error', async (_, bytes, message) => {
  const { backend } = context;
  let output = '';
  const container = await backend.create({
    image,
    command: ['qibench-run'],
    user: '65534:65534',
    network: 'none',
    readOnlyRoot: true,
    interactive: true,
    memoryBytes: 64 * MIB,
    pids: 8,
    fileBytes: MIB,
    labels,
  });
  const channel = await backend.open(container, (_stream, chunk) => (output += chunk.toString()));
  channel.write(Buffer.from(bytes));

  expect(await channel.ended).toMatchObject({ exitStatus: 2 });
  expect(output).toContain(`qibench-run: ${message}`);
  await backend.remove(container);
});

test('a runner refuses to serve if a run could write to the root', async () => {
  const container = await context.backend.create({
    image,
    command: ['qibench-run'],
    user: '65534:65534',
    network: 'none',
    readOnlyRoot: false,
    memoryBytes: 64 * MIB,
    pids: 8,
    fileBytes: MIB,
    labels,
  });
  let output = '';
  const ending = await context.backend.run(container, {
    timeoutMs: 10_000,
    onOutput: (_, chunk) => (output += chunk.toString()),
  });

  expect(ending.exitStatus).toBe(2);
  expect(output).toContain('the root can be written');
});
