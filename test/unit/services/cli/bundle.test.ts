// SPDX-License-Identifier: GPL-2.0-or-later
import tar from 'tar-stream';
import { stringify } from 'yaml';
import { readBundle } from '#cli/bundle.js';

const JOB = {
  name: 'again',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [{ name: 'port-io' }],
};

/** Reads a bundle with these fields in its job. */
async function read(more: Record<string, unknown>): Promise<unknown> {
  const pack = tar.pack();
  pack.entry({ name: 'job.yaml' }, stringify({ ...JOB, ...more }));
  pack.entry({ name: 'expected.json' }, '{}');
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return readBundle('x.tar', Buffer.concat(chunks));
}

test.each([
  ['project', 'main'],
  ['branch', 'main'],
  ['commit', 'v1'],
  ['committedAt', '2026-01-01T00:00:00Z'],
  ['priority', 'urgent'],
  ['requires', { labels: ['fast'] }],
])('the job of a bundle chooses no %s on the service that runs it again', async (field, value) => {
  await expect(read({ [field]: value })).rejects.toMatchObject({
    code: 'BAD_BUNDLE',
    message: expect.stringContaining(`"${field}"`),
  });
});

test('what a job measures comes from the bundle', async () => {
  await expect(read({ blocks: 12, seed: 3 })).rejects.toMatchObject({
    message: expect.stringContaining('schema'), // of expected.json: the job is valid
  });
});
