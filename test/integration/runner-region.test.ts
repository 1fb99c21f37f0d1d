// SPDX-License-Identifier: GPL-2.0-or-later
import { openRunner, type Runner } from '#worker/measure/runner.js';
import type { RunnerRequest } from '#worker/measure/runner-protocol.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `runner-region-${process.pid}` };
const context = testContext(process.cwd(), labels);
let shared: Runner;

beforeAll(async () => {
  const { tag: image } = await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!);
  shared = await openRunner(context, {
    image,
    memoryBytes: 128 * MIB,
    tmpBytes: 16 * MIB,
    pids: 64,
  });
}, 300_000);
afterAll(() => context.backend.sweep(labels));

const shell = (script: string, changes: Partial<RunnerRequest> = {}): RunnerRequest => ({
  command: ['sh', '-c', script],
  environment: { PATH: '/usr/bin:/bin' },
  timeoutMs: 20_000,
  outputLimitBytes: 1_000,
  cpu: null,
  stackBytes: null,
  fifoPriority: null,
  ...changes,
});

describe('a region of interest', () => {
  const region = { begin: 'QIBENCH begin', end: 'QIBENCH end' };
  const regionOf = async (script: string, changes: Partial<RunnerRequest> = {}) => {
    const { result, output } = await shared.run(shell(script, { region, ...changes }));
    expect(result.error).toBeNull();
    return { region: result.region, wallNs: Number(result.wallNs), output };
  };

  test('is the time between two texts, without the time before and after', async () => {
    const found = await regionOf(
      'sleep 0.4; echo QIBENCH begin; sleep 0.2; echo QIBENCH end; sleep 0.4',
    );

    const ns = Number(found.region!.wallNs);
    expect(ns).toBeGreaterThanOrEqual(0.2e9);
    expect(ns).toBeLessThanOrEqual(found.wallNs - 0.8e9);
    expect(found.output).toBe('QIBENCH begin\nQIBENCH end\n');
  });

  test('is found in any pieces, among texts that begin alike', async () => {
    const pieces = ['QIBENC', 'QIBENCH b', 'QQIBENCH begi', 'n', 'QIBENCH QIBENCH e', 'nd']
      .map((piece) => `printf '${piece}'; sleep 0.02`)
      .join('; ');

    expect((await regionOf(pieces)).region).not.toBeUndefined();
  });

  test.each([
    ['of a program that prints nothing', 'true'],
    ['without an end', 'echo QIBENCH begin'],
    ['whose end comes first', 'echo QIBENCH end; echo QIBENCH begin'],
  ])('%s is absent', async (_, script) => {
    expect((await regionOf(script)).region).toBeUndefined();
  });

  test('that ends with the program is part of the run', async () => {
    const found = await regionOf('echo QIBENCH begin; printf "QIBENCH end"');

    expect(Number(found.region!.wallNs)).toBeLessThanOrEqual(found.wallNs);
  });

  test('has the processor time of the program', async () => {
    const spin = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done';
    const found = await regionOf(`${spin}; echo QIBENCH begin; ${spin}; echo QIBENCH end; ${spin}`);

    expect(Number(found.region!.cpuNs)).toBeGreaterThan(1e6);
    expect(Number(found.region!.cpuNs)).toBeLessThan(found.wallNs * 0.7);
  });

  test('without marks, a run has none', async () => {
    const { result } = await shared.run(shell('echo QIBENCH begin; echo QIBENCH end'));

    expect(result.region).toBeUndefined();
  });
});
