// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { imagesOn } from '#worker/engine/docker-images.js';

test('a build that fails has the last line of its step, not of the engine', async () => {
  const messages = [
    { stream: 'Step 2/3 : RUN apt-get install gcc-99\n' },
    { stream: ' ---> Running in e41804d134b5\n' },
    { stream: '\u001b[91mE: Unable to locate package gcc-99\n\u001b[0m' },
    { stream: 'Removing intermediate container e41804d134b5\n' },
    { error: 'The command returned a non-zero code: 100' },
  ];
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`);
  const docker = { buildImage: async () => Readable.from(lines) } as unknown as Docker;
  const options = { tag: 'x:y', arguments: {}, labels: {} };

  await expect(
    imagesOn(docker).buildImage(Readable.from([]), options, () => undefined),
  ).rejects.toThrow('Unable to locate package gcc-99');
});
