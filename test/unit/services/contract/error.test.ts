// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { asQibenchError, ERRORS, QibenchError } from '#contract/error.js';

test('docs/errors.md lists the catalogue unchanged', () => {
  const listed = readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+` \|/.test(line));
  const expected = Object.entries(ERRORS).map(
    ([code, { kind, http, retry, text }]) =>
      `| \`${code}\` | ${kind} | ${http} | ${retry ? 'yes' : 'no'} | ${text} |`,
  );

  expect(listed).toEqual(expected);
});

test('only infrastructure failures are retried', () => {
  for (const { kind, retry } of Object.values(ERRORS)) if (retry) expect(kind).toBe('infra');
});

test("a message is the catalogue's text with its values", () => {
  expect(new QibenchError('NOT_FOUND', { what: 'job', id: '7' }).toBody()).toEqual({
    code: 'NOT_FOUND',
    kind: 'user',
    message: 'no job "7"',
    details: [],
  });
});

test('a failure stays the reason when releasing resources fails too', async () => {
  const released = () => ({
    [Symbol.asyncDispose]: () => Promise.reject(new Error('no engine')),
  });
  const failing = async () => {
    await using _lock = released();
    await using _container = released();
    throw new QibenchError('UNAVAILABLE', { what: 'Docker', reason: 'it restarts' });
  };

  const error = asQibenchError(await failing().catch((thrown: unknown) => thrown));

  expect(error.toBody()).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('it restarts') as string,
  });
});
