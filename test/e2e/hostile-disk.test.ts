// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { uploadGuest } from '#support/guest-folder.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

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

const CLUSTER_BITS = 16;
const CLUSTER = 2 ** CLUSTER_BITS;
const NAME_AT = 128;

/**
 * Returns an empty qcow2 image of version 2, whose clusters all come from its backing file.
 * @see QEMU's docs/interop/qcow2.txt
 */
function imageOn(backing: string): Buffer {
  const image = Buffer.alloc(4 * CLUSTER);
  image.write('QFI\xfb', 0, 'latin1');
  image.writeUInt32BE(2, 4);
  image.writeBigUInt64BE(BigInt(NAME_AT), 8);
  image.writeUInt32BE(Buffer.byteLength(backing), 16);
  image.writeUInt32BE(CLUSTER_BITS, 20);
  image.writeBigUInt64BE(1024n * 1024n, 24);
  image.writeUInt32BE(1, 36); // entries of the L1 table, in the last cluster
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  image.writeBigUInt64BE(BigInt(CLUSTER), 48); // refcount table
  image.writeUInt32BE(1, 56);
  image.write(backing, NAME_AT);
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < 4; cluster += 1)
    image.writeUInt16BE(1, 2 * CLUSTER + 2 * cluster);
  return image;
}

async function runWith(backing: string) {
  const { digest } = await uploadGuest(service.client, {
    'disk.qcow2': imageOn(backing),
    'workload.yaml': `schema: qibench.workload/1
name: backed
summary: opens a disk image with a backing file
targets: [x86_64-softmmu]
run:
  arguments:
    [-nodefaults, -no-user-config, -display, none, -M, none,
     -drive, "file=/workload/disk.qcow2,format=qcow2,if=none,id=d,readonly=on"]
  exitStatus: 0
  timeoutSeconds: 10
`,
  });
  return service.finish({
    name: 'backed',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    variants: ['none'],
    workloads: [{ from: digest }],
    blocks: 6,
  });
}

test.each([
  ['a file that only root reads', '/etc/shadow', /Permission denied/],
  ["the runner's environment", '/proc/1/environ', /Permission denied/],
  ['a device of the host', '/dev/sda', /No such file|Permission denied/],
  ["Docker's socket", '/var/run/docker.sock', /No such file|Could not open/],
])(
  'a disk image cannot be backed by %s',
  async (_, backing, message) => {
    const job = await runWith(backing);

    expect(job.error).toMatchObject({ code: 'RUN_FAILED', kind: 'workload' });
    expect(job.error!.message).toMatch(message);
  },
  BUILD_LIMIT_MS,
);

test(
  'a disk image cannot be backed by a port of the host, and one that opens is a usual run',
  async () => {
    const { port } = server.address() as { port: number };
    const remote = await runWith(`nbd://127.0.0.1:${port}`);
    const own = await runWith('/workload/workload.yaml');

    expect(remote.error).toMatchObject({ code: 'RUN_FAILED' });
    expect(connections).toBe(0);
    // The image opens; such a machine has no end of its own.
    expect(own.error).toMatchObject({ code: 'RUN_TIMED_OUT' });
  },
  BUILD_LIMIT_MS,
);
