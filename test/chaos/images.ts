// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { docker, type OwnDocker } from './own-docker.js';
import { startStack } from './stack.js';
import { submitJob } from './jobs.js';
import { ended } from './steps.js';

/**
 * Matches the images that a small job on port writes is built from, for any inputs of trees and
 * workloads.
 */
export const JOB_IMAGES =
  /^(debian:bookworm-slim|qibench\/(runner|toolchain):bookworm-.*|qibench\/source:7\.2-[0-9a-f]+|qibench\/tree:7\.2-x86_64-softmmu-(none|dynamic)-.*|qibench\/workload:port-io-.*)$/;
const BUILD_LIMIT_MS = 2_400_000;

/**
 * Builds the images of the rounds once on the machine's engine, and copies them to another engine.
 */
export async function copyOfMachine(target: OwnDocker, rootDir: string): Promise<void> {
  const stack = await startStack(join(rootDir), null);
  const builds = new Set<string>();
  try {
    for (const kind of ['measured', 'traced'] as const) {
      const { id } = await submitJob(stack, rootDir, kind, `images ${kind}`);
      if (!(await ended(stack, id, BUILD_LIMIT_MS))) throw new Error('the images were not built');
      for (const { image } of await stack.query<{ image: string }>(
        'SELECT image FROM build WHERE job_id = $1',
        [id],
      ))
        builds.add(image);
    }
    const used = await stack.query<{ key: string }>(
      `SELECT DISTINCT body->>'key' AS key FROM job_event WHERE body->>'key' IS NOT NULL`,
    );
    const keys = used.map(({ key }) => key);
    const tags = docker(null, 'images', '--format', '{{.Repository}}:{{.Tag}}')
      .split('\n')
      .filter(
        (tag) =>
          builds.has(tag) ||
          (JOB_IMAGES.test(tag) &&
            (!/tree|workload/.test(tag) || keys.some((key) => tag.includes(key)))),
      );
    target.copyImages(tags);
  } finally {
    await stack.stop();
  }
}
