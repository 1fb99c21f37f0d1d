// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import { followJob } from '#cli/progress.js';
import type { JobEventBody } from '#contract/job-event.js';

/** Returns the lines that these events print where the output is not a terminal. */
async function printed(bodies: readonly JobEventBody[]): Promise<string[]> {
  const events = bodies.map(
    (body, index) =>
      `id: ${index + 1}\ndata: ${JSON.stringify({ sequence: index + 1, at: '2026-01-01T00:00:00.000Z', body })}\n\n`,
  );
  const client = {
    open: () =>
      Promise.resolve({
        body: (async function* () {
          yield Buffer.from(events.join(''));
        })(),
      }),
    get: () => Promise.resolve({}),
  } as unknown as Client;
  let text = '';
  await followJob(client, 'id', { write: (part: string) => void (text += part) } as never);
  return text
    .split('\n')
    .map((line) => line.replace(/^ *\d+ s {2}/, ''))
    .filter(Boolean);
}

test('cached steps have one line together, before the next line', async () => {
  const step = (what: string, cached: boolean): JobEventBody[] => [
    { type: 'step-started', step: 'image', what },
    {
      type: 'step-finished',
      step: 'image',
      what,
      cached,
      key: 'k',
      durationMs: 1500,
    } as JobEventBody,
  ];

  expect(
    await printed([
      { type: 'state', state: 'building', error: null },
      ...step('debian:bookworm-slim', true),
      ...step('debian:bookworm-slim', true),
      ...step('guest', false),
      ...step('plugin', true),
      { type: 'state', state: 'succeeded', error: null },
    ]),
  ).toEqual([
    'building',
    '2 steps from the cache',
    'image: guest done in 1.5 s',
    '1 step from the cache',
    'succeeded',
  ]);
});
