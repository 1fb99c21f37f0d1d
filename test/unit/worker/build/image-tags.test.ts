// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';
import { Variant } from '#contract/variant.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { patchSource } from '#worker/build/patched.js';
import { ensureSource } from '#worker/build/source.js';
import { buildVariant } from '#worker/build/variant.js';
import { readVersions } from '#worker/build/versions.js';
import { LABEL, UPLOADED_CONTENT } from '#worker/engine/engine.js';
import { testContext } from '#support/context.js';
import { fakeBackend } from '#support/fake-backend.js';

let lockFolder: string;
beforeEach(() => {
  lockFolder = mkdtempSync(join(tmpdir(), 'qibench-tags-'));
});
afterEach(() => rmSync(lockFolder, { recursive: true }));

const PATCHES = {
  digest: 'sha256:2',
  files: [{ path: '1.patch', content: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n' }],
};

test('the tag of every image holds its whole key, so that no other inputs find it', async () => {
  const made: { tag: string; key: string }[] = [];
  const backend = fakeBackend({ exitStatus: 0, absent: /^qibench\// });
  const record = (tag: string, labels: Record<string, string>) =>
    void made.push({ tag, key: labels[LABEL.key]!.replace('sha256:', '') });
  const context = {
    ...testContext(process.cwd(), {}),
    lockFolder,
    backend: {
      ...backend,
      buildImage: (...[tar, options, log]: Parameters<typeof backend.buildImage>) => {
        record(options.tag, options.labels);
        return backend.buildImage(tar, options, log);
      },
      commit: (...[container, tag, labels]: Parameters<typeof backend.commit>) => {
        record(tag, labels);
        return backend.commit(container, tag, labels);
      },
    },
  };
  const entry = (await readVersions(process.cwd()))['7.2']!;
  const toolchain = await ensureToolchain(context, entry);
  const runner = await ensureRunner(context, entry);
  const source = await patchSource(
    context,
    '7.2',
    { tag: 'source', digest: 'sha256:1', patches: null, uploaded: null },
    PATCHES,
  );
  await buildVariant(
    context,
    {
      version: '7.2',
      entry,
      source,
      toolchain,
      runner,
      target: 'x86_64-softmmu',
      events: [],
      instrumentation: null,
    },
    Variant.parse({ name: 'v', mode: 'idle', backend: null, trace: false }),
    1,
  );

  expect(made.map(({ tag }) => tag.split(':')[0])).toEqual([
    'qibench/toolchain',
    'qibench/runner',
    'qibench/source',
    'qibench/tree',
    'qibench/tree',
    'qibench/build',
  ]);
  for (const { tag, key } of made) {
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(tag).toMatch(new RegExp(`[:-]${key}$`));
    expect(tag.split(':')[1]!.length).toBeLessThanOrEqual(128);
  }
});

test('a patched source has an image for each toolchain, and one digest', async () => {
  const context = {
    ...testContext(process.cwd(), {}),
    lockFolder,
    backend: fakeBackend({ exitStatus: 0, absent: /^qibench\// }),
  };
  const patched = (tag: string) =>
    patchSource(
      context,
      '7.2',
      { tag, digest: 'sha256:1', patches: null, uploaded: null },
      PATCHES,
    );

  const [gcc, clang] = [await patched('source-in-gcc'), await patched('source-in-clang')];

  expect(clang.tag).not.toBe(gcc.tag);
  expect(clang.digest).toBe(gcc.digest);
});

describe('the compiler that a job chooses', () => {
  const contextOf = (lastLine: string) => {
    const backend = fakeBackend({ exitStatus: 0, absent: /^qibench\// });
    const buildImage = () =>
      Promise.reject(new QibenchError('IMAGE_BUILD_FAILED', { image: 'toolchain', lastLine }));
    return {
      ...testContext(process.cwd(), {}),
      lockFolder,
      backend: lastLine === '' ? backend : { ...backend, buildImage },
    };
  };
  const toolchain = async (lastLine: string, compiler: string | null) =>
    ensureToolchain(contextOf(lastLine), (await readVersions(process.cwd()))['7.2']!, compiler);

  test('has an image that can be evicted, as have exact packages in it', async () => {
    const chosen = await toolchain('', 'clang-16');
    const source = await ensureSource(
      {
        ...contextOf(''),
        backend: fakeBackend({
          exitStatus: 0,
          absent: /^qibench\//,
          output: () => `QIBENCH-SOURCE 1:7.2 sha256:${'0'.repeat(64)}\n`,
        }),
      },
      '7.2',
      (await readVersions(process.cwd()))['7.2']!,
      chosen,
    );

    expect(chosen.tag).toMatch(UPLOADED_CONTENT);
    expect(source.tag).toMatch(UPLOADED_CONTENT);
    expect((await toolchain('', null)).tag).not.toMatch(UPLOADED_CONTENT);
  });

  test.each([
    ['that Debian lacks is an error of the user', 'E: Unable to locate package gcc-99', 'user'],
    ['that the archive does not send is tried again', 'E: Failed to fetch gcc-99', 'infra'],
  ])('%s', async (_, lastLine, kind) => {
    await expect(toolchain(lastLine, 'gcc-99')).rejects.toMatchObject({ kind });
  });
});
