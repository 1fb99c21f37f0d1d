// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { execFileSync } from 'node:child_process';
import type { ContainerSpec } from '#worker/engine/engine.js';
import { backendWithRuntime } from '#worker/engine/runtime.js';
import { runScript, STEP_LOG_BYTES, openContainer } from '#worker/build/script.js';
import { fileFromTar } from '#worker/build/tar.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { createOutputVolume } from '#worker/measure/output-volume.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { confined } from '#support/confined.js';
import { testContext, testEngine } from '#support/context.js';

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `sandbox-${process.pid}` };
const context = testContext(process.cwd(), labels);
const { backend } = context;
const docker = new Docker();
let image: string;

beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
}, 300_000);
afterAll(() => backend.sweep(labels));
afterEach(() =>
  expect(
    execFileSync(
      'docker',
      ['ps', '-aq', '--filter', `label=qibench.test=${labels['qibench.test']}`],
      { encoding: 'utf8' },
    ),
  ).toBe(''),
);

const specOf = (changes: Partial<ContainerSpec> = {}): ContainerSpec =>
  confined({ image, labels, fileBytes: 64 * MIB, tmpBytes: 16 * MIB, ...changes });

async function run(
  script: string,
  {
    diskBytes,
    timeoutMs = 20_000,
    ...changes
  }: Partial<ContainerSpec> & { diskBytes?: number; timeoutMs?: number } = {},
) {
  const container = await backend.create(specOf({ command: ['bash', '-c', script], ...changes }));
  let output = '';
  try {
    const ending = await backend.run(container, {
      timeoutMs,
      diskBytes,
      onOutput: (_, chunk) => (output += chunk.toString()),
    });
    return { ...ending, output };
  } finally {
    await backend.remove(container);
  }
}

/** Returns the names of the successful attempts. */
const succeeding = async (
  tries: Record<string, string>,
  changes?: Partial<ContainerSpec>,
): Promise<string[]> => {
  const script = Object.entries(tries)
    .map(([name, command]) => `if ( ${command} ) >/dev/null 2>&1; then echo '${name}'; fi`)
    .join('\n');
  return (await run(script, changes)).output.split('\n').filter((line) => line !== '');
};

// test/integration/sandbox-fields.test.ts attacks each of them.
test('Docker receives every field of the sandbox', async () => {
  const id = await backend.create(specOf());
  const { HostConfig: host, Config: config } = await docker.getContainer(id).inspect();
  await backend.remove(id);

  expect(host).toMatchObject({
    NetworkMode: 'none',
    CapDrop: ['ALL'],
    Privileged: false,
    SecurityOpt: ['no-new-privileges:true', `seccomp=${testEngine().seccomp.all}`],
    ReadonlyRootfs: true,
    Memory: 128 * MIB,
    MemorySwap: 128 * MIB,
    PidsLimit: 64,
    NanoCpus: 0,
    CpuQuota: 0,
    CpuPeriod: 0,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    PidMode: '',
    UTSMode: '',
    ShmSize: 64 * MIB,
    PublishAllPorts: false,
    OomScoreAdj: 500,
    AutoRemove: false,
    RestartPolicy: { Name: '' },
    Dns: ['127.0.0.1'],
    DnsSearch: ['.'],
    LogConfig: { Type: 'none' },
    Tmpfs: { '/tmp': expect.stringMatching(/nosuid,nodev.*size=16777216/) as string },
  });
  for (const none of [
    'Binds',
    'CapAdd',
    'Devices',
    'DeviceRequests',
    'VolumesFrom',
    'Links',
    'PortBindings',
  ] as const)
    expect(Object.keys(host[none as keyof typeof host] ?? {})).toEqual([]);
  expect(host.Ulimits).toEqual(
    expect.arrayContaining([
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'fsize', Soft: 64 * MIB, Hard: 64 * MIB },
      { Name: 'nofile', Soft: 4096, Hard: 4096 },
    ]),
  );
  const { MaskedPaths: masked, ReadonlyPaths: readOnly } = host as unknown as {
    MaskedPaths: string[];
    ReadonlyPaths: string[];
  };
  expect(masked).toEqual(expect.arrayContaining(['/proc/kcore', '/proc/keys', '/sys/firmware']));
  expect(readOnly).toEqual(expect.arrayContaining(['/proc/sys', '/proc/sysrq-trigger']));
  expect(config).toMatchObject({
    Hostname: 'qibench',
    NetworkDisabled: true,
    Tty: false,
    OpenStdin: false,
    AttachStdin: false,
  });
});

test('the host stays hidden: its name, its nameserver and its files', async () => {
  const { output } = await run(
    'hostname; cat /etc/hostname; cat /etc/resolv.conf; cut -d" " -f5 /proc/self/mountinfo | ' +
      'grep -v -E "^/(proc|sys|dev|etc)(/|$)"',
  );

  expect(
    output
      .split('\n')
      .filter((line) => line !== '' && !/^(search|options|#|nameserver 127\.0\.0\.1)/.test(line)),
  ).toEqual(['qibench', 'qibench', '/', '/tmp']);
});

test('a process cannot gain rights: no mount, device, namespace, setuid program', async () => {
  const gained = await succeeding({
    mount: 'mount -t tmpfs none /tmp',
    device: 'mknod /tmp/sda b 8 0',
    namespace: 'unshare -U true',
    disk: 'ls /dev/*da* /dev/mem /dev/kvm',
    kernel: 'head -c 1 /proc/kcore',
    sysctl: 'echo 1 > /proc/sys/kernel/core_pattern',
    sysrq: 'echo b > /proc/sysrq-trigger',
    shadow: 'cat /etc/shadow',
    root: 'touch /x /etc/x /usr/x',
    setuid: 'cp /usr/bin/id /tmp/id && chmod u+s /tmp/id && test "$(su -c id root)"',
    chroot: 'chroot / true',
    control: 'touch /tmp/x',
  });

  expect(gained).toEqual(['control']);
});

test('a background process ends with its container', async () => {
  const { output } = await run('setsid sleep 600 & echo "left"');

  expect(output).toBe('left\n');
});

test('a writable root is bounded: one file by its own limit, many files by their sum', async () => {
  const filled = await run('head -c 100M /dev/zero > /var/tmp/x; stat -c %s /var/tmp/x', {
    readOnlyRoot: false,
    user: '0:0',
  });
  const many = await run(
    'for i in $(seq 1000); do head -c 10M /dev/zero > /var/tmp/$i; done; sleep 60',
    { readOnlyRoot: false, user: '0:0', diskBytes: 48 * MIB, timeoutMs: 60_000 },
  );

  expect(filled.output).toContain(String(64 * MIB));
  expect(many).toMatchObject({ outOfDisk: true, timedOut: false });
}, 90_000);

test('a flood of output fills neither log nor memory, and the log says that it was truncated', async () => {
  let logged = '';
  let truncated: [string, number] | null = null;
  const flooded = {
    ...context,
    progress: {
      ...context.progress,
      log: (_: unknown, text: string) => void (logged += text),
      truncated: (_: unknown, ...what: [string, number]) => void (truncated = what),
    },
  };
  const limits = { ...context.limits.small, timeMs: 3_000 };

  await using container = await openContainer(flooded, {
    image,
    command: ['sh', '-c', 'yes 0123456789'],
    user: '65534:65534',
    network: 'none',
    workingDir: '/',
    limits,
  });

  await expect(
    runScript(flooded, container.id, { step: 'build', what: 'x', limits, uploaded: 'the code' }),
  ).rejects.toMatchObject({
    code: 'OVER_LIMIT',
    kind: 'user',
    message: expect.stringContaining('3 s') as string,
  });
  expect(logged.length).toBeLessThan(STEP_LOG_BYTES + 256 * 1024);
  expect(truncated).toEqual(['the log of build x', 4194304]);
}, 60_000);

test('a trace volume has room for one file, up to its limit', async () => {
  const volume = await createOutputVolume(context, image, [RUN_PATHS.trace]);
  const mounts = [{ volume, path: RUN_PATHS.output, readOnly: false }];
  try {
    expect(
      await succeeding(
        {
          other: 'touch /output/x',
          link: 'ln -s / /output/l',
          folder: 'mkdir /output/d',
          away: 'rm /output/trace',
          owner: 'chmod 777 /output',
          control: 'echo x > /output/trace',
        },
        { mounts },
      ),
    ).toEqual(['control']);
    const { output } = await run(
      'head -c 100M /dev/zero > /output/trace; stat -c %s /output/trace',
      { mounts },
    );
    expect(output).toContain(String(64 * MIB));
  } finally {
    await backend.removeVolume(volume);
  }
}, 60_000);

test.each([
  'ln -s /etc/shadow /var/tmp/out',
  'mkfifo /var/tmp/out',
  'mkdir /var/tmp/out; echo x > /var/tmp/out/out',
  'ln -s /var/tmp /var/tmp/out',
])('%s: the copy is the entry itself, which is not a regular file', async (script) => {
  const container = await backend.create(
    specOf({ command: ['sh', '-c', script], readOnlyRoot: false }),
  );
  try {
    await backend.run(container, { timeoutMs: 20_000, onOutput: () => undefined });
    expect(
      await fileFromTar(await backend.copyOut(container, '/var/tmp/out'), 'out', MIB),
    ).toBeNull();
  } finally {
    await backend.remove(container);
  }
});

test('a file above the size limit is refused, not read', async () => {
  const container = await backend.create(
    specOf({ command: ['truncate', '-s', '60M', '/var/tmp/out'], readOnlyRoot: false }),
  );
  try {
    await backend.run(container, { timeoutMs: 20_000, onOutput: () => undefined });
    await expect(
      backend.copyOut(container, '/var/tmp/out').then((tar) => fileFromTar(tar, 'out', MIB)),
    ).rejects.toMatchObject({ code: 'TOO_LARGE', kind: 'user' });
  } finally {
    await backend.remove(container);
  }
});

test(
  'containers run under the configured runtime, which the fingerprint names; an unknown name ' +
    'is refused',
  async () => {
    const { seccomp } = testEngine();
    const named = await backendWithRuntime('io.containerd.runc.v2', seccomp);
    const id = await named.create(specOf());
    const { HostConfig: host } = await docker.getContainer(id).inspect();
    await named.remove(id);

    expect(host).toMatchObject({ Runtime: 'io.containerd.runc.v2' });
    expect((await named.version()).runtime).toBe('io.containerd.runc.v2');
    expect((await (await backendWithRuntime(null, seccomp)).version()).runtime).toMatch(/^\d/);
    await expect(backendWithRuntime('runsk', seccomp)).rejects.toMatchObject({
      code: 'BAD_SETTING',
      message: expect.stringContaining('"runsk"') as string,
    });
  },
);
