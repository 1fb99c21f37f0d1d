// SPDX-License-Identifier: GPL-2.0-or-later
import { logLevel, openLog } from '#telemetry/log.js';

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

test('an unknown level is refused, and a missing one means info', () => {
  expect(logLevel(undefined)).toBe('info');
  expect(logLevel('debug')).toBe('debug');
  expect(() => logLevel('loud')).toThrow(/QIBENCH_LOG_LEVEL/);
});
