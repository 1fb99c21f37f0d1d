// SPDX-License-Identifier: GPL-2.0-or-later
import { ensureRunner } from '#worker/build/images.js';
import { openContainer, runScript, shell } from '#worker/build/script.js';
import { packFiles } from '#worker/build/tar.js';
import { readVersions } from '#worker/build/versions.js';
import { fillVolume } from '#worker/build/workload.js';
import { LABEL } from '#worker/engine/engine.js';
import { RUN_PATHS } from '#worker/measure/command.js';
import { createOutputVolume } from '#worker/measure/output-volume.js';
import { testContext } from '#support/context.js';

const NAMES = `
cat /proc/self/mountinfo /proc/self/cgroup /etc/hostname /etc/hosts
hostname
env
`;

test("a process sees no name of its job, only its volumes' random names", async () => {
  const job = `told-${process.pid}`;
  const context = testContext(process.cwd(), { [LABEL.job]: job });
  const { backend } = context;
  const image = (await ensureRunner(context, (await readVersions(process.cwd()))['7.2']!)).tag;
  try {
    const library = packFiles([{ path: 'libtrace-instrument.so', content: '' }]);
    const instrumentation = await fillVolume(context, image, library);
    const output = await createOutputVolume(context, image, [RUN_PATHS.trace]);
    const limits = context.limits.small;
    await using container = await openContainer(context, {
      image,
      command: shell(NAMES),
      user: '65534:65534',
      network: 'none',
      workingDir: '/',
      mounts: [
        { volume: instrumentation, path: RUN_PATHS.instrumentation, readOnly: true },
        { volume: output, path: RUN_PATHS.output, readOnly: false },
      ],
      limits,
    });
    const { exitStatus, lines } = await runScript(context, container.id, {
      step: 'measure',
      what: 'names',
      limits,
      uploaded: null,
    });

    expect(exitStatus).toBe(0);
    const seen = lines.join('\n');
    for (const volume of [instrumentation, output]) {
      expect(volume).toMatch(/^qibench-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(seen).toContain(`/${volume}/`);
    }
    expect(seen).not.toContain(job);
  } finally {
    await backend.sweep({ [LABEL.job]: job });
  }
}, 300_000);
