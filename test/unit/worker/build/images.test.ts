// SPDX-License-Identifier: GPL-2.0-or-later
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureBaseImage } from '#worker/build/images.js';
import type { Engine } from '#worker/engine/engine.js';
import { testContext } from '#support/context.js';

let folder: string;
const { PATH } = process.env;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qibench-images-'));
  process.env.PATH = `${folder}${delimiter}${PATH}`;
});
afterEach(async () => {
  process.env.PATH = PATH;
  await rm(folder, { recursive: true });
});

test("a base image is bootstrapped only under the signature of Debian's archive", async () => {
  const called = join(folder, 'called');
  await writeFile(join(folder, 'debootstrap'), `#!/bin/sh\necho "$@" > ${called}\nexit 1\n`);
  await chmod(join(folder, 'debootstrap'), 0o755);
  const engine = { hasImage: async () => false, pullImage: async () => false };
  const context = {
    ...testContext(process.cwd()),
    lockFolder: folder,
    backend: engine as unknown as Engine,
  };

  await expect(ensureBaseImage(context, 'bookworm')).rejects.toMatchObject({
    code: 'IMAGE_BUILD_FAILED',
  });
  expect((await readFile(called, 'utf8')).split(' ')).toEqual(
    expect.arrayContaining([
      '--force-check-gpg',
      '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
      'bookworm',
    ]),
  );
});
