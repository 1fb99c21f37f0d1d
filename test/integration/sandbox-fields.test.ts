// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import type { ContainerSpec } from '#worker/engine/engine.js';
import { toCreateOptions } from '#worker/engine/docker-convert.js';
import { ensureRunner } from '#worker/build/images.js';
import { readVersions } from '#worker/build/versions.js';
import { CALL_ATTACKS, type Attack } from '#support/call-attacks.js';
import { testContext, testEngine } from '#support/context.js';
import { host, tmpfs, ulimit, type HostConfig, type Options } from '#support/create-options.js';

/**
 * Attacks every field of the sandbox twice: in a qibench container, where the attack fails, and in
 * one that differs only in this field, where it succeeds. This proves that the field stops its
 * attack. Fields that only state that nothing is added (Privileged, CapAdd, ports) are compared
 * with Docker's settings in sandbox.test.ts.
 */

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `fields-${process.pid}` };
const context = testContext(process.cwd(), labels);
const { backend } = context;
const docker = new Docker();
let image: string;
let port: number;

/** Stands for Postgres, Redis and Docker, which listen on the host. */
const listener = createServer((socket) => socket.end('in'));

beforeAll(async () => {
  image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  ({ port } = listener.address() as AddressInfo);
}, 300_000);
afterAll(async () => {
  listener.close();
  await backend.sweep(labels);
});

/** Returns the attack's output; it prints `won` on success. */
async function attack(script: string, options: Options): Promise<string> {
  const { id } = await docker.createContainer({ ...options, Cmd: ['bash', '-c', script] });
  let output = '';
  try {
    await backend.run(id, {
      timeoutMs: 30_000,
      onOutput: (_, chunk) => (output += chunk.toString()),
    });
    return output;
  } finally {
    await backend.remove(id);
  }
}

const optionsOf = (spec: Partial<ContainerSpec> = {}): Options =>
  toCreateOptions(
    {
      image,
      command: [],
      user: '65534:65534',
      network: 'none',
      readOnlyRoot: true,
      memoryBytes: 256 * MIB,
      pids: 64,
      fileBytes: 64 * MIB,
      tmpBytes: 16 * MIB,
      labels,
      ...spec,
    },
    testEngine(),
  );

const CONNECT = 'exec 3<>"/dev/tcp/127.0.0.1/$PORT" && head -c 2 <&3 | grep -qx in && echo won';
/** Memory and swap together, for both versions of control groups. */
const WITH_SWAP =
  'limit=$(cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null || echo $(($(sed ' +
  `s/max/1/ /sys/fs/cgroup/memory.swap.max) + ${256 * MIB})))`;
const ROOT = { user: '0:0' };
const capable = host({ CapDrop: [] });

const ATTACKS: readonly Attack[] = [
  {
    field: 'User',
    script: 'echo x >> /etc/passwd && echo won',
    spec: { readOnlyRoot: false },
    without: (options) => ({ ...options, User: '0:0' }),
  },
  { field: 'CapDrop', script: 'chown 1:1 /tmp && echo won', spec: ROOT, without: capable },
  {
    field: 'SecurityOpt no-new-privileges',
    script: 'chage -l "$(id -un)" && echo won',
    without: host({ SecurityOpt: [] }),
  },
  ...CALL_ATTACKS,
  {
    field: "Docker's masks of /proc",
    script: 'test -n "$(head -c 1 /proc/timer_list)" && echo won',
    spec: ROOT,
    without: host({ MaskedPaths: [] } as HostConfig),
  },
  {
    field: "Docker's read-only paths of /proc",
    script: 'echo "$(cat /proc/sys/vm/swappiness)" > /proc/sys/vm/swappiness && echo won',
    spec: ROOT,
    without: host({ ReadonlyPaths: [] } as HostConfig),
  },
  {
    field: 'ReadonlyRootfs',
    script: 'echo x >> /etc/passwd && echo won',
    spec: ROOT,
    without: host({ ReadonlyRootfs: false }),
  },
  {
    field: 'Devices',
    script: 'test -c /dev/kmsg && echo won',
    without: host({
      Devices: [
        { PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'rwm' },
      ],
    }),
  },
  {
    field: 'Mounts, read-only',
    script: 'touch /volume/x && echo won',
    spec: {
      ...ROOT,
      mounts: [{ volume: `qibench-test-fields-${process.pid}`, path: '/volume', readOnly: true }],
    },
    without: (options) =>
      host({ Mounts: options.HostConfig!.Mounts!.map((mount) => ({ ...mount, ReadOnly: false })) })(
        options,
      ),
  },
  {
    field: 'Binds',
    script: 'test -S /var/run/docker.sock && echo won',
    without: host({ Binds: ['/var/run/docker.sock:/var/run/docker.sock'] }),
  },
  {
    field: 'NetworkMode',
    script: CONNECT,
    prepare: (options) => ({ ...options, NetworkDisabled: false }),
    without: host({ NetworkMode: 'host' }),
  },
  {
    field: 'NetworkDisabled',
    script: 'ls /sys/class/net | grep -vqx lo && echo won',
    prepare: host({ NetworkMode: 'default' }),
    without: (options) => ({ ...options, NetworkDisabled: false }),
  },
  {
    field: 'IpcMode',
    before: 'ipcmk -Q -p 0666',
    script: 'ipcs -q | grep -q ^0x && ipcrm --all=msg && echo won',
    without: host({ IpcMode: 'host' }),
  },
  {
    field: 'PidMode',
    script: 'test "$(ls /proc | grep -c "^[0-9]")" -gt 20 && echo won',
    without: host({ PidMode: 'host' }),
  },
  {
    field: 'CgroupnsMode',
    script: 'grep -q docker /proc/self/cgroup && echo won',
    without: host({ CgroupnsMode: 'host' } as HostConfig),
  },
  {
    field: 'UTSMode and Hostname',
    script: 'test "$(hostname)" != qibench && echo won',
    without: (options) => host({ UTSMode: 'host' })({ ...options, Hostname: undefined }),
  },
  {
    field: 'Dns',
    script: 'grep ^nameserver /etc/resolv.conf | grep -vq " 127.0.0.1$" && echo won',
    prepare: (options) => ({ ...options, NetworkDisabled: false }),
    without: host({ Dns: undefined, DnsSearch: undefined }),
  },
  {
    field: 'Memory',
    script: 'head -c 512M /dev/zero | tail | wc -c | grep -q 536870912 && echo won',
    without: host({ Memory: 1024 * MIB, MemorySwap: 1024 * MIB }),
  },
  {
    field: 'MemorySwap',
    script: `${WITH_SWAP}; test "$limit" -gt ${256 * MIB} && echo won`,
    without: host({ MemorySwap: 512 * MIB }),
  },
  ...(existsSync('/sys/fs/cgroup/memory')
    ? [
        {
          field: 'MemorySwappiness',
          script: 'test "$(cat /sys/fs/cgroup/memory/memory.swappiness)" != 0 && echo won',
          without: host({ MemorySwappiness: 60 }),
        },
      ]
    : []),
  {
    field: 'ShmSize',
    script: 'head -c 100M /dev/zero > /dev/shm/x && echo won',
    spec: { fileBytes: 256 * MIB },
    without: host({ ShmSize: 200 * MIB }),
  },
  {
    field: 'OomScoreAdj',
    script: 'test "$(cat /proc/self/oom_score_adj)" -lt 500 && echo won',
    without: host({ OomScoreAdj: 0 }),
  },
  {
    field: 'PidsLimit',
    script: 'for i in $(seq 100); do sleep 5 & done && test "$(jobs -p | wc -l)" = 100 && echo won',
    without: host({ PidsLimit: 1000 }),
  },
  { field: 'ulimit core', script: 'ulimit -c unlimited && echo won', without: ulimit('core', -1) },
  {
    field: 'ulimit nofile',
    script: 'for i in $(seq 5000); do exec {fd}</dev/null || exit; done; echo won',
    without: ulimit('nofile', 8192),
  },
  {
    field: 'ulimit fsize',
    script: 'head -c 100M /dev/zero > /tmp/x && echo won',
    spec: { tmpBytes: 200 * MIB },
    without: ulimit('fsize', 1024 * MIB),
  },
  {
    field: 'Tmpfs size',
    script: 'head -c 32M /dev/zero > /tmp/x && echo won',
    without: tmpfs(/,size=\d+/, ''),
  },
  {
    field: 'Tmpfs nosuid',
    script:
      'cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && test "$(setpriv --reuid=65534 ' +
      '--clear-groups /tmp/id -u)" = 0 && echo won',
    spec: ROOT,
    prepare: host({ CapDrop: [], SecurityOpt: [] }),
    without: tmpfs(/nosuid/, 'suid'),
  },
  {
    field: 'Tmpfs nodev',
    script: 'mknod /tmp/null c 1 3 && echo x > /tmp/null && echo won',
    spec: ROOT,
    prepare: capable,
    without: tmpfs(/nodev/, 'dev'),
  },
  ...(cpus().length < 2
    ? []
    : [
        {
          field: 'CpusetCpus',
          script: 'taskset -c 1 true && echo won',
          spec: { cpuset: '0' },
          without: host({ CpusetCpus: '' }),
        },
      ]),
];

test.each(ATTACKS.map((attack) => [attack.field, attack] as const))(
  '%s stops its attack',
  async (_, { script, before = 'true', spec, prepare = (options) => options, without }) => {
    const made = prepare(optionsOf({ environment: { PORT: String(port) }, ...spec }));
    for (const mount of spec?.mounts ?? []) await backend.createVolume(mount.volume, labels);

    await attack(before, made);
    expect(await attack(script, made)).not.toMatch(/^won$/m);
    await attack(before, without(made));
    expect(await attack(script, without(made))).toMatch(/^won$/m);
  },
  60_000,
);

test("LogConfig keeps output off the host's disk", async () => {
  const kept = async (options: Options): Promise<string> => {
    const { id } = await docker.createContainer({ ...options, Cmd: ['echo', 'kept'] });
    try {
      await backend.run(id, { timeoutMs: 30_000, onOutput: () => undefined });
      return await docker
        .getContainer(id)
        .logs({ stdout: true })
        .then(String, (error: Error) => error.message);
    } finally {
      await backend.remove(id);
    }
  };

  expect(await kept(optionsOf())).toContain('does not support reading');
  expect(await kept(host({ LogConfig: { Type: 'json-file', Config: {} } })(optionsOf()))).toContain(
    'kept',
  );
});
