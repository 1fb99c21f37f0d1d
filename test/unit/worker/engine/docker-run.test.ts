// SPDX-License-Identifier: GPL-2.0-or-later
import { PassThrough, Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { DiskSpace } from '#worker/engine/disk-space.js';
import { runContainer } from '#worker/engine/docker-run.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const ROOMY: DiskSpace = { freeBytes: 50 * GIB, freeInodes: 1e6, bytes: 100 * GIB, inodes: 6e6 };
const FULL: DiskSpace = { ...ROOMY, freeBytes: 100 * MIB };
const NO_INODES: DiskSpace = { ...ROOMY, freeInodes: 10 };

interface Fake {
  /** Exit status of a container that ends by itself; absent: it runs until it is killed. */
  readonly exitStatus?: number;
  /** Bytes that the container has written; null: counting them does not end. */
  readonly written?: number | null;
  readonly space?: DiskSpace | null;
  /** The engine's events of the container. */
  readonly events?: readonly string[];
}

/** Runs a container with a limit of 1 GiB on a Docker that runs nothing. */
async function run({ exitStatus, written = 0, space = ROOMY, events = [] }: Fake) {
  const stream = new PassThrough();
  let end!: (result: { StatusCode: number }) => void;
  const ended = new Promise<{ StatusCode: number }>((resolve) => (end = resolve));
  const finish = (StatusCode: number) => {
    stream.end();
    stream.resume();
    end({ StatusCode });
  };
  const now = new Date().toISOString();
  const container = {
    attach: async () => stream,
    wait: () => ended,
    start: async () => void (exitStatus !== undefined && finish(exitStatus)),
    kill: async () => finish(137),
    inspect: async (options?: { size?: boolean }) =>
      options?.size === true
        ? written === null
          ? new Promise(() => undefined)
          : { SizeRw: written }
        : { State: { OOMKilled: false, StartedAt: now, FinishedAt: now } },
  };
  const docker = {
    getContainer: () => container,
    getEvents: async () => Readable.from(events.map((Action) => `${JSON.stringify({ Action })}\n`)),
  } as unknown as Docker;
  return runContainer(
    docker,
    'id',
    { timeoutMs: 20_000, diskBytes: GIB, onOutput: () => undefined },
    async () => space,
    100,
  );
}

describe('a container is ended', () => {
  test('above its limit', async () => {
    expect(await run({ written: GIB + 1 })).toMatchObject({ outOfDisk: true, exitStatus: 137 });
  });

  test.each([
    ['bytes are nearly used up', { space: FULL, written: 600 * MIB }],
    ['inodes are used up by more files than can be counted', { space: NO_INODES, written: null }],
  ])('before the disk of the engine is full, by its own fault: %s', async (_, fake) => {
    expect(await run(fake)).toMatchObject({ outOfDisk: true });
  });

  test.each([
    ['bytes', FULL],
    ['inodes', NO_INODES],
  ])('and to be tried again if others have filled the disk: %s', async (_, space) => {
    await expect(run({ space, written: MIB })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retry: true,
    });
  });

  test('by nothing while there is space, or while the space is unknown', async () => {
    for (const space of [ROOMY, null])
      expect(await run({ exitStatus: 0, space })).toEqual({
        exitStatus: 0,
        outOfMemory: false,
        timedOut: false,
        outOfDisk: false,
      });
  });
});

test('a container that filled the disk and then failed by itself is at fault, a small one is not', async () => {
  const failed = { exitStatus: 1, space: FULL };

  expect(await run({ ...failed, written: 600 * MIB })).toMatchObject({ outOfDisk: true });
  expect(await run({ ...failed, written: MIB })).toMatchObject({ outOfDisk: false });
});

test.each([
  ['no signal reached it from outside', ['start', 'die'], 'KILLED_FROM_WITHIN', false],
  ['a signal reached it from outside', ['start', 'kill', 'die'], 'DOCKER_FAILED', true],
  ['memory ran out', ['start', 'oom', 'die'], 'DOCKER_FAILED', true],
  ['the engine has forgotten its start', ['die'], 'DOCKER_FAILED', true],
])('a killed container to which %s is tried again or not', async (_, events, code, retry) => {
  await expect(run({ exitStatus: 137, events })).rejects.toMatchObject({ code, retry });
});
