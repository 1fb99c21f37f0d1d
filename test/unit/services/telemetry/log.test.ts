// SPDX-License-Identifier: GPL-2.0-or-later
import { openLog } from '#telemetry/log.js';

const SECRET = `qib_${'a'.repeat(48)}_01234567`;

function logged(write: (log: ReturnType<typeof openLog>) => void): {
  text: string;
  lines: Record<string, unknown>[];
} {
  const all: string[] = [];
  write(openLog('info', { part: 'test' }, (line) => void all.push(line)));
  const text = all.join('');
  return {
    text,
    lines: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test("an event is one JSON line with its level's name, a time and the process", () => {
  const { lines } = logged((log) =>
    log.child({ jobId: 'j', epoch: 2 }).warn({ step: 'build' }, 'slow'),
  );
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      part: 'test',
      jobId: 'j',
      epoch: 2,
      step: 'build',
      msg: 'slow',
    },
  ]);
});

test('hostile text stays within its string, and does not become an event', () => {
  const hostile = 'x"}\n{"level":"fatal","msg":"forged"}\r\n\u001b[2J\u0000';
  const { lines, text } = logged((log) => log.info({ what: hostile }, hostile));
  expect(lines).toMatchObject([{ level: 'info', what: hostile, msg: hostile }]);
  expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
});

test.each([
  [
    'in a header',
    {
      req: {
        headers: { authorization: `Bearer ${SECRET}`, cookie: 'c=hidden', 'set-cookie': 'hidden' },
      },
    },
  ],
  [
    'as a field',
    {
      token: 'hidden',
      idToken: 'hidden',
      body: { token: 'hidden', secret: 'hidden', idToken: 'hidden' },
      databaseUrl: 'hidden',
    },
  ],
  ['within an error', { err: Object.assign(new Error(`no ${SECRET}`), { config: `x ${SECRET}` }) }],
  ['within other text', { what: `curl -H "Authorization: Bearer ${SECRET}"` }],
])('a secret %s is not written', (_, fields) => {
  const { text } = logged((log) => log.info(fields, `said ${SECRET}`));
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain('hidden');
  expect(text).toContain('redacted');
});

test.each([
  ['a password in a URL', 'redis://user:p%40ss@host', 'p%40ss'],
  ['a header', 'authorization: Bearer abcdefghijkl', 'abcdefghijkl'],
  ['a secret of the settings', { args: ['auth', 'x', 'pl"anted'] }, 'anted'],
])('%s is not written anywhere in a line', (_, value, hidden) => {
  const all: string[] = [];
  const log = openLog('info', {}, (line) => void all.push(line), ['pl"anted']);
  log.error({ err: Object.assign(new Error(JSON.stringify(value)), { command: value }) }, 'failed');
  expect(all.join('')).not.toContain(hidden);
  expect(all.join('')).toContain('[redacted]');
  for (const line of all) expect(() => JSON.parse(line) as unknown).not.toThrow();
});

test('a short secret is replaced where it stands alone, and other words stay', () => {
  const all: string[] = [];
  openLog('info', {}, (line) => void all.push(line), ['t']).info({ given: 't' }, 'attempt, t, end');
  expect(JSON.parse(all.join(''))).toMatchObject({
    level: 'info',
    given: '[redacted]',
    msg: 'attempt, [redacted], end',
  });
});
