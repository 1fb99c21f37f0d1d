// SPDX-License-Identifier: GPL-2.0-or-later
import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import { OpenRequests } from '#api/open-requests.js';

const requests = (open: number, waiting: number) =>
  new OpenRequests({
    open,
    waiting,
    caller: ({ access: { project, account } }) => project ?? account,
    refused: (_, limit) => new QibenchError('UNAVAILABLE', { what: 'it', reason: String(limit) }),
  });

/** Enters a request of a project. `state` tells whether it has begun. */
function enter(limited: OpenRequests, project: string | null, account: string | null = null) {
  const raw = new EventEmitter();
  const seen = { state: 'waits' };
  const request = { access: { project, account } } as FastifyRequest;
  void limited.enter(request, { raw } as unknown as FastifyReply).then(
    () => (seen.state = 'begins'),
    (error: Error) => (seen.state = error.message),
  );
  return { end: () => raw.emit('close'), state: () => seen.state };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a request above the limit waits until another one of its project ends', async () => {
  const limited = requests(2, 2);
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => enter(limited, 'a'));
  const other = enter(limited, 'b');
  await settled();
  expect([first, second, third, fourth, other].map((one) => one!.state())).toEqual([
    'begins',
    'begins',
    'waits',
    'waits',
    'begins',
  ]);

  second!.end();
  await settled();
  expect([third!.state(), fourth!.state()]).toEqual(['begins', 'waits']);
});

test('a request is refused where too many wait', async () => {
  const limited = requests(1, 1);
  const [first, second, third] = [1, 2, 3].map(() => enter(limited, 'a'));
  await settled();
  expect(third!.state()).toContain('not available');

  first!.end();
  second!.end();
  await settled();
  const next = enter(limited, 'a');
  await settled();
  expect(next.state()).toBe('begins');
});

test('a client that disconnects while it waits takes no place', async () => {
  const limited = requests(1, 5);
  const [first, gone, third] = [1, 2, 3].map(() => enter(limited, 'a'));
  gone!.end();
  first!.end();
  await settled();
  expect(gone!.state()).toContain('disconnected');
  expect(third!.state()).toBe('begins');

  third!.end();
  const next = enter(limited, 'a');
  await settled();
  expect(next.state()).toBe('begins');
});

test('tokens without a project have a limit each, and requests without a token none', async () => {
  const limited = requests(1, 0);
  const all = ['one', 'two', null, null].map((account) => enter(limited, null, account));
  await settled();
  expect(all.map(({ state }) => state())).toEqual(['begins', 'begins', 'begins', 'begins']);
});
