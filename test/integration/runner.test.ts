// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { dockerBackend } from '#worker/engine/docker.js';
import type { Engine } from '#worker/engine/engine.js';
import { openRunner, type Runner } from '#worker/measure/runner.js';
import type { RunnerRequest } from '#worker/measure/runner-protocol.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `runner-${process.pid}` };
const context = testContext(process.cwd(), labels);
let image: string;
let shared: Runner;

beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
  shared = await opened();
}, 300_000);
afterAll(() => context.backend.sweep(labels));

const opened = (
  changes: Partial<Parameters<typeof openRunner>[1]> = {},
  backend: Engine = context.backend,
) =>
  openRunner(
    { ...context, backend },
    { image, memoryBytes: 128 * MIB, tmpBytes: 16 * MIB, pids: 64, ...changes },
  );
const request = (changes: Partial<RunnerRequest> = {}): RunnerRequest => ({
  command: ['true'],
  environment: { PATH: '/usr/bin:/bin' },
  timeoutMs: 60_000,
  outputLimitBytes: 1_000,
  cpu: null,
  stackBytes: null,
  fifoPriority: null,
  ...changes,
});
const shell = (script: string, changes: Partial<RunnerRequest> = {}) =>
  request({ command: ['sh', '-c', script], ...changes });
/** Returns a Perl command with system call numbers of x86-64 and AArch64. */
const perl = (script: string) =>
  request({
    command: [
      'perl',
      '-MSocket',
      '-e',
      `sub n { qx(uname -m) =~ /x86/ ? $_[0] : $_[1] } ${script}`,
    ],
  });

test('the runner reports times, memory and exit status of its program', async () => {
  const { result, output } = await shared.run(
    shell('echo hello; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 7'),
  );

  expect(result).toMatchObject({
    exitStatus: 7,
    signal: null,
    timedOut: false,
    outOfMemory: false,
    error: null,
    leftBehind: null,
  });
  expect(output).toBe('hello\n');
  expect(Number(result.userNs)).toBeGreaterThan(1e6);
  expect(Number(result.wallNs)).toBeGreaterThanOrEqual(Number(result.userNs) * 0.9);
  expect(Number(result.maxRssBytes)).toBeGreaterThan(100_000);
  expect(result.minorFaults).toBeGreaterThan(10);
});

test("the runner reports the host's noise on the CPUs of the run only", async () => {
  const { before, after, hostInstructions, instructionsSkipped } = (
    await shared.run(shell('i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done', { cpu: 0 }))
  ).result;

  expect(before.stat).toMatch(/^cpu0 [\d ]+\n$/);
  expect(after.load).toMatch(/^\d+\.\d+ /);
  // The seccomp profile refuses perf_event_open; without it, the count is at least the
  // loop's.
  if (hostInstructions === null)
    expect(instructionsSkipped).toMatch(/^perf_event_open: |^the counter /);
  else expect(Number(hostInstructions)).toBeGreaterThan(1_000_000);
});

test('two runs in one container cannot see each other', async () => {
  const look =
    'for f in /proc/[0-9]*/comm; do read name < $f; echo $name; done; ls -A /tmp /dev/shm ' +
    '/dev/mqueue | wc -l; ipcs | grep -c 0x; ulimit -n; nice';
  const first = await shared.run(shell(look));
  await shared.run(
    shell(
      'touch /tmp/x; ipcmk -M 4096 >/tmp/id; ipcrm -a; rm /tmp/x /tmp/id; ulimit -n 99; exit 3',
    ),
  );
  const second = await shared.run(shell(look));

  expect(second.output).toBe(first.output);
  expect(shared.reusable).toBe(true);
});

test(
  'a program has the environment, CPU and stack of its request, and is killed first when ' +
    'memory is short',
  async () => {
    const script =
      'env; grep Cpus_allowed_list /proc/self/status; ulimit -s; cat /proc/self/oom_score_adj';
    const { output } = await shared.run(
      shell(script, { environment: { A: 'x', PADDING: '' }, cpu: 0, stackBytes: 3 * MIB }),
    );

    expect(output.replaceAll('\t', ' ').split('\n')).toEqual(
      expect.arrayContaining(['A=x', 'PADDING=', 'Cpus_allowed_list: 0', '3072', '1000']),
    );
    expect(output).not.toMatch(/^(HOSTNAME|HOME|PATH)=/m);
  },
);

test.each([
  ['a missing program', { command: ['/none'] }, 'cannot execute the program: No such'],
  ['a missing CPU', { cpu: 1_000 }, 'cannot use the CPU: '],
  ['priority without the right to it', { fifoPriority: 10 }, 'cannot use real-time priority: '],
])('%s is an error of the result, and the next run works', async (_, changes, message) => {
  const { result } = await shared.run(request(changes));

  expect(result).toMatchObject({ exitStatus: null, signal: null, leftBehind: null });
  expect(result.error).toContain(message);
  expect((await shared.run(request())).result).toMatchObject({ exitStatus: 0, error: null });
});

test('a program is stopped at its limit, with all its child processes', async () => {
  const { result } = await shared.run(
    shell('sleep 600 & trap "" TERM; while :; do :; done', { timeoutMs: 500 }),
  );

  expect(result).toMatchObject({ timedOut: true, signal: 9, leftBehind: null });
  expect((await shared.run(shell('cat /proc/[0-9]*/comm'))).output).not.toContain('sleep');
}, 20_000);

test('long output keeps its beginning and end, in whole lines, and the next run starts empty', async () => {
  const { output, result } = await shared.run(
    shell('echo first; head -c 100000 /dev/zero | tr "\\0" x; echo; echo last'),
  );
  const next = await shared.run(shell('printf "\\0\\n{}\\n"'));

  expect(result).toMatchObject({ outputTruncated: true, outputBytes: 100_012 });
  expect(output).toBe('first\n[qibench: output cut here]\nlast\n');
  expect(next.output).toBe('\0\n{}\n');
});

test('the end of the output is forwarded in order, at any position of the ring', async () => {
  for (const lines of [200, 333, 1_000]) {
    const { output } = await shared.run(shell(`seq -f "line %g of many" ${lines}`));
    const end = output.split('cut here]\n')[1]!.trimEnd().split('\n');

    expect(end).toEqual(end.map((_, index) => `line ${lines - end.length + 1 + index} of many`));
    expect(end.length).toBeGreaterThan(20);
  }
});

test("a program cannot write to its runner's stdout, end it or stop it", async () => {
  const { result } = await shared.run(
    shell(
      'echo \'{"schema":"qibench.run/3","wallNs":"1"}\' > /proc/1/fd/1; echo x > ' +
        '/proc/$PPID/fd/1; for s in STOP KILL TERM INT HUP CHLD 34 64; do kill -s $s 1; done; ' +
        'exit 3',
    ),
  );

  expect(result).toMatchObject({ exitStatus: 3, leftBehind: null });
  expect((await shared.run(request())).result).toMatchObject({ exitStatus: 0 });
});

test.each<[string, RunnerRequest, string | RegExp]>([
  ['a daemon', shell('(setsid sleep 600 >/dev/null 2>&1 &)& wait; sleep 0.2'), '1 process'],
  ['two children', shell('sleep 600 & sleep 600 & exit 0'), '2 processes'],
  ['a file', shell('touch /tmp/.x'), '1 file in /tmp'],
  ['shared memory of POSIX', shell('mkdir /dev/shm/a /dev/shm/b'), '2 files in /dev/shm'],
  [
    'a message queue of POSIX',
    perl('my $name = "x\\0"; syscall(n(240, 180), $name, 0102, 0600, 0) >= 0 or die $!'),
    '1 file in /dev/mqueue',
  ],
  ['shared memory', shell('ipcmk -M 4096'), '1 shared memory segment'],
  ['semaphores', shell('ipcmk -S 1; ipcmk -S 1'), '2 semaphore sets'],
  ['a message queue', shell('ipcmk -Q'), '1 message queue'],
  ['a nice value', shell('renice -n 5 -p 1'), 'changed scheduling of the runner'],
  ['a scheduling policy', shell('chrt --idle -p 0 1'), 'changed scheduling of the runner'],
  ['CPUs', shell('taskset -p 1 1'), 'changed CPUs of the runner'],
  ['an I/O priority', shell('ionice -c 2 -n 7 -p 1'), 'changed I/O priority of the runner'],
  [
    'a connection',
    perl(
      'socket(L, PF_INET, SOCK_STREAM, 0); bind(L, pack_sockaddr_in(0, INADDR_LOOPBACK)) or ' +
        'die $!; listen(L, 1); socket(C, PF_INET, SOCK_STREAM, 0); connect(C, getsockname(L)) ' +
        'or die $!; accept(S, L); close(C); close(S)',
    ),
    'TCP connections',
  ],
  ['a file and a limit', shell('touch /tmp/x; renice -n 1 -p 1'), /^1 file in \/tmp, changed sch/],
])("the runner reports a run's leftovers: %s", async (_, left, expected) => {
  await using runner = await opened();
  const { result, output } = await runner.run(left);

  expect([result.exitStatus, output, result.leftBehind]).toEqual([
    0,
    expect.any(String),
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  ]);
  expect(runner.reusable).toBe(false);
});

test.each([
  ['prlimit --pid 1 --nofile=99'],
  // The kernel would kill process 1 after a second of its time.
  ['prlimit --pid 1 --cpu=1:1'],
])('a run cannot change limits of the runner: %s', async (command) => {
  const { result, output } = await shared.run(shell(command));

  expect([result.exitStatus, result.leftBehind]).toEqual([1, null]);
  expect(output).toContain('Operation not permitted');
});

test('the runner reports changed limits where a runtime ignores seccomp profiles', async () => {
  const seccomp = { all: 'unconfined', perf: null };
  await using runner = await opened({}, dockerBackend({ runtime: null, seccomp }));
  const { result } = await runner.run(shell('prlimit --pid 1 --nofile=99'));

  expect([result.exitStatus, result.leftBehind]).toEqual([0, 'changed limits of the runner']);
});

test('the runner reports a run that exhausts memory, and the next run works', async () => {
  await using runner = await opened({ memoryBytes: 32 * MIB });
  const { result } = await runner.run(request({ command: ['tail', '/dev/zero'] }));

  expect(result).toMatchObject({ outOfMemory: true, signal: 9 });
  expect((await runner.run(request())).result).toMatchObject({
    outOfMemory: false,
    exitStatus: 0,
    leftBehind: null,
  });
});

test("the runner reports a run that fills memory with the kernel's file caches", async () => {
  await using runner = await opened({ memoryBytes: 64 * MIB });
  // Names that no earlier run of this test used, below the number at which the kernel evicts some.
  const { result } = await runner.run({
    ...perl('$x = $$ . time . "x" x 190; stat "/usr/$x$_" for 1 .. 100_000'),
    timeoutMs: 200_000,
  });

  expect(result).toMatchObject({ exitStatus: 0, leftBehind: 'more than half of the memory' });
}, 240_000);

test('a container whose runs can write to a mount serves one run', async () => {
  const volume = `qibench-test-runner-${process.pid}`;
  await context.backend.createVolume(volume, labels);
  await using runner = await opened({ mounts: [{ volume, path: '/output', readOnly: false }] });

  expect((await runner.run(shell('echo x > /output/trace'))).result.leftBehind).toBe(
    '1 file in /output',
  );
  expect(runner.reusable).toBe(false);
});

test('an abort ends the container and rejects with its reason', async () => {
  const stop = new AbortController();
  const runner = await opened();
  const running = runner.run(shell('sleep 600'), stop.signal);
  setTimeout(() => stop.abort(new Error('enough')), 300);

  await expect(running).rejects.toThrow('enough');
  expect(runner.reusable).toBe(false);
  expect(execFileSync('docker', ['ps', '-q', '--filter', `id=${runner.container}`])).toHaveLength(
    0,
  );
});

test.each([
  ['KILL', 'something outside of the container killed it'],
  ['TERM', 'exit status 143'],
])('a container killed from outside by %s is an error of the catalogue', async (signal, reason) => {
  const runner = await opened();
  const running = runner.run(shell('sleep 600'));
  setTimeout(() => execFileSync('docker', ['kill', '-s', signal, runner.container]), 300);

  await expect(running).rejects.toMatchObject({
    code: 'DOCKER_FAILED',
    message: expect.stringContaining(reason) as string,
  });
  await expect(runner.run(request())).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a program that gets its runner killed is at fault; the profile may refuse it the attempt', async () => {
  const runner = await opened();
  const attack = 'prlimit --pid 1 --cpu=1:1 || exit 77; yes';

  const ending = await runner.run(shell(attack, { timeoutMs: 60_000 })).then(
    ({ result }) => result.exitStatus,
    (error: { code: string }) => error.code,
  );

  expect(['KILLED_FROM_WITHIN', 77]).toContain(ending);
}, 120_000);
