// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { eventually } from '#support/eventually.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: { writes: 100 }, timeoutSeconds: 20 }],
  blocks: 6,
};

let service: TestService;
/** A port of this machine that a run must not reach. */
let server: Server;
let connections = 0;
beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '0.0.0.0');
  await once(server, 'listening');
  service = await startTestService();
}, 120_000);
afterAll(async () => {
  await service.stop();
  server.close();
}, 120_000);

const port = () => (server.address() as { port: number }).port;
const addresses = () =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one?.family === 'IPv4' ? one.address : []));

async function run(name: string, words: readonly string[], stdin?: string) {
  const job = await service.finish({
    ...usual,
    name,
    qemu: { ...usual.qemu, arguments: words, ...(stdin === undefined ? {} : { stdin }) },
  });
  const left = (command: string[]) =>
    execFileSync('docker', [...command, '--filter', `label=qibench.job=${job.id}`], {
      encoding: 'utf8',
    });
  // The worker removes them after it has reported the end.
  await eventually(() => expect(left(['ps', '-aq']) + left(['volume', 'ls', '-q'])).toBe(''));
  return job;
}

test.each<[string, string[], RegExp]>([
  [
    'a file of the container that only root reads',
    ['-drive', 'file=/etc/shadow,format=raw,if=none,id=d,readonly=on'],
    /Permission denied/,
  ],
  [
    "the runner's memory",
    ['-drive', 'file=/proc/1/mem,format=raw,if=none,id=d,readonly=on'],
    /Permission denied|Could not open/,
  ],
  [
    'the guest that all variants share',
    ['-chardev', 'file,id=c,path=/workload/x'],
    /Read-only|Permission denied/,
  ],
  ['the root', ['-chardev', 'file,id=c,path=/x'], /Read-only|Permission denied/],
  ['a device', ['-chardev', 'pipe,id=c,path=/dev/mem'], /Could not open|No such file|Permission/],
  ["Docker's socket", ['-chardev', 'socket,id=c,path=/var/run/docker.sock'], /Failed to connect/],
  ['KVM', ['-machine', 'accel=kvm'], /kvm/i],
  [
    'a memory file of the host',
    ['-object', 'memory-backend-file,id=m,size=1M,mem-path=/x,share=on'],
    /mem-path|open|Read-only/,
  ],
  ['more memory than the run may use', ['-m', '64G', '-overcommit', 'mem-lock=on'], /./],
  ['an option that QEMU does not know', ['-nothing'], /invalid option/],
])(
  'arguments that try to reach %s fail the run, not the worker',
  async (name, words, message) => {
    const job = await run(name, words);

    expect(job.state).toBe('failed');
    expect(job.error!.kind).toBe('workload');
    expect(job.error!.message).toMatch(message);
  },
  BUILD_LIMIT_MS,
);

test(
  'no argument reaches a port of the host',
  async () => {
    for (const address of addresses()) {
      await run('socket', ['-chardev', `socket,id=c,host=${address},port=${port()}`]);
      await run('forwarded', [
        '-netdev',
        `user,id=n,guestfwd=tcp:10.0.2.100:1-tcp:${address}:${port()}`,
      ]);
      await run('block device', ['-drive', `file=nbd:${address}:${port()},if=none,id=d`]);
    }

    expect(connections).toBe(0);
  },
  BUILD_LIMIT_MS,
);

test(
  'a guest that a monitor ends does not count, and one that waits is stopped at its limit',
  async () => {
    const quit = await run('quit', ['-monitor', 'stdio', '-S'], 'quit\n');
    const waits = await run('waits', ['-S']);

    expect(quit.error).toMatchObject({ code: 'RUN_FAILED' });
    expect(quit.error!.message).toContain('expected exit status 33');
    expect(waits.error).toMatchObject({ code: 'RUN_TIMED_OUT' });
  },
  BUILD_LIMIT_MS,
);

test(
  'a process that QEMU leaves behind is ended, and files that it leaves replace the container',
  async () => {
    const daemon = await run('daemon', ['-daemonize']);
    const files = await run('files', ['-pidfile', '/tmp/pid', '-chardev', 'file,id=c,path=/tmp/c']);

    expect(daemon.error).toMatchObject({ code: 'RUN_FAILED' });
    expect(files).toMatchObject({ state: 'succeeded', error: null });
    const { chunks } = await service.client.get<{ chunks: { text: string }[] }>(
      `/v1/jobs/${files.id}/logs`,
    );
    expect(chunks.map(({ text }) => text).join('')).toContain('left behind');
  },
  BUILD_LIMIT_MS,
);

test(
  'the worker measures the next job after all of them',
  async () => {
    expect(await run('usual', ['-name', 'usual'])).toMatchObject({
      state: 'succeeded',
      error: null,
    });
  },
  BUILD_LIMIT_MS,
);
