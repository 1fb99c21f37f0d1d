// SPDX-License-Identifier: GPL-2.0-or-later
import type { ContainerSpec } from '#worker/engine/engine.js';
import { backendWithRuntime } from '#worker/engine/runtime.js';
import { seccompProfiles } from '#worker/engine/seccomp.js';
import { openRunner } from '#worker/measure/runner.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { confined, outputOf } from '#support/confined.js';
import { testContext } from '#support/context.js';

const labels = { 'qibench.test': `perf-${process.pid}` };
const context = testContext(process.cwd(), labels);
let image: string;
beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
}, 300_000);
afterAll(() => context.backend.sweep(labels));

// perl-base is in every Debian. The attributes follow <linux/perf_event.h>, version 0:
// PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, without kernel and hypervisor.
const COUNT_TASK_CLOCK = String.raw`
my $attributes = pack('L L Q Q Q Q Q L L Q', 1, 64, 1, 0, 0, 0, 0x60, 0, 0, 0);
my $fd = syscall(qx(uname -m) =~ /aarch64/ ? 241 : 298, $attributes, 0, -1, -1, 0);
if ($fd < 0) { print "refused: $!\n"; exit }
my $sum = 0; $sum += $_ for 1 .. 1000000;
open(my $counter, '<&=', $fd) or die; sysread($counter, my $value, 8) == 8 or die;
print 'counted ', unpack('Q', $value), "\n";
`;
/**
 * keyctl(2), and unshare(2) of a user namespace: refused without capabilities.
 */
const REFUSED = String.raw`
for my $call ([250, 219], [272, 97]) {
  my $number = qx(uname -m) =~ /aarch64/ ? $$call[1] : $$call[0];
  print syscall($number, 0x10000000, 0, 0) < 0 ? "refused: $!\n" : "allowed\n"
}`;

/** The engine of a worker with or without access to the processor's counters. */
const engine = (lends: boolean) => backendWithRuntime(null, seccompProfiles(process.cwd(), lends));

async function run(
  command: readonly string[],
  { lends, ...changes }: { lends: boolean } & Partial<ContainerSpec>,
): Promise<string> {
  const spec = confined({ image, labels, command, tmpBytes: 1024 ** 2, ...changes });
  return outputOf(await engine(lends), spec);
}

test(
  'with QIBENCH_PERF a measured run reads a kernel event; without it, and in other containers, ' +
    'the event is refused',
  async () => {
    const counted = await run(['perl', '-e', COUNT_TASK_CLOCK], { lends: true, perf: true });

    expect(Number(/^counted (\d+)\n$/.exec(counted)?.[1])).toBeGreaterThan(0);
    for (const refused of [
      { lends: false, perf: true },
      { lends: true },
      { lends: true, perf: false },
    ]) {
      expect(await run(['perl', '-e', COUNT_TASK_CLOCK], refused)).toBe(
        'refused: Operation not permitted\n',
      );
    }
  },
  60_000,
);

test('the profile lends only the counters', async () => {
  for (const perf of [true, false])
    expect(await run(['perl', '-e', REFUSED], { lends: true, perf })).toBe(
      'refused: Operation not permitted\n'.repeat(2),
    );
  const status = await run(
    ['grep', '-E', '^(Cap(Eff|Prm|Bnd)|NoNewPrivs|Seccomp):', '/proc/self/status'],
    { lends: true, perf: true },
  );
  expect(status.replaceAll('\t', ' ')).toBe(
    'CapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n',
  );
}, 60_000);

test(
  'the runner reports why it did not count: without QIBENCH_PERF a refusal, with it only a ' +
    'missing processor counter',
  async () => {
    const result = async (lends: boolean) => {
      await using runner = await openRunner(
        { ...context, backend: await engine(lends) },
        { image, memoryBytes: 128 * 1024 ** 2, tmpBytes: 1024 ** 2, pids: 64 },
      );
      const { result } = await runner.run({
        command: ['true'],
        environment: {},
        timeoutMs: 5_000,
        outputLimitBytes: 1_000,
        cpu: null,
        stackBytes: null,
        fifoPriority: null,
      });
      return result;
    };
    const [by, lent] = [await result(false), await result(true)];

    expect([by.hostInstructions, by.instructionsSkipped]).toEqual([
      null,
      expect.stringContaining('Operation not permitted'),
    ]);
    if (lent.hostInstructions === null)
      expect(lent.instructionsSkipped).toMatch(/No such file or directory|not supported/i);
    else expect(Number(lent.hostInstructions)).toBeGreaterThan(0);
  },
  60_000,
);

test('a host that lends its counters has another fingerprint', async () => {
  const runtime = async (lends: boolean) => (await (await engine(lends)).version()).runtime;

  expect(await runtime(true)).toBe(`${await runtime(false)} with perf_event_open`);
});
