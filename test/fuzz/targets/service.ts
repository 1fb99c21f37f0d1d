// SPDX-License-Identifier: GPL-2.0-or-later
import { parseTrigger } from '#api/webhook/trigger.js';
import { serverSentEvents } from '#client/server-sent-events.js';
import { QibenchError } from '#contract/error.js';
import { readBackup } from '#store/backup-reader.js';
import { check, nameOf, nothing, outcome, type Target } from '../target.js';

function json(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8'));
  } catch {
    return undefined;
  }
}

export const githubDelivery: Target = {
  name: 'github-delivery',
  dictionary: [
    '"action":"labeled"',
    '"action":"created"',
    '"label":{"name":"bench"}',
    '"state":"open"',
    '"body":"/bench"',
    '"body":"x\\n/bench \\n"',
    '"author_association":"OWNER"',
    '"user":{"login":"a"}',
    '"sender":{"login":".."}',
    '"full_name":"a/b"',
    '"full_name":"a/.."',
    '"full_name":"../b"',
    'a/b/c',
    '"repo":null',
    '"sha":',
    '0123456789abcdef0123456789abcdef01234567',
    '"created_at":"2026-01-01T00:00:00Z"',
    '"pushed_at":',
    'null',
    '1e999',
    '-1',
    '{',
    '}',
    ',',
    '"__proto__":',
    '%2e%2e',
    '\\u0000',
  ],
  run: (input) =>
    outcome(
      () =>
        ['pull_request', 'issue_comment', 'push', undefined].map((event) =>
          parseTrigger(event, json(input), 'bench'),
        ),
      nothing,
      (asks) => {
        for (const ask of asks) {
          if (ask === null) continue;
          const address = `/repos/${ask.repository}/pulls/${ask.number}`;
          check(
            new URL(`https://api.github.com${address}`).pathname === address,
            'requests to GitHub concern this repository',
          );
          const user = `/repos/${ask.repository}/collaborators/${encodeURIComponent(ask.by!)}/x`;
          check(
            new URL(`https://api.github.com${user}`).pathname === user,
            'requests about a user concern this repository',
          );
          const shas = 'headSha' in ask ? [ask.headSha, ask.baseSha] : [];
          check(
            shas.every((sha) => /^[0-9a-f]{40,64}$/.test(sha)),
            'commits are digests',
          );
          const times = 'headSha' in ask ? [] : [ask.commentedAt];
          check(
            times.every((time) => Number.isFinite(Date.parse(time))),
            'times can be compared',
          );
        }
        return asks
          .map((ask) => (ask === null ? 'nothing' : 'headSha' in ask ? 'pull' : 'comment'))
          .join();
      },
    ),
};

const TABLES = ['job', 'sample'];

export const backup: Target = {
  name: 'backup',
  dictionary: [
    '{"format":"qibench-backup/1","schema":"0001_x","createdAt":"2026-01-01T00:00:00Z","tables":["job"]}\n',
    '{"table":"job","columns":["id"]}\n',
    '\\.\n',
    '{"rows":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}\n',
    '{"end":true}\n',
    '"tables":["job","job"]',
    '"a\\u0000"',
    '"; DROP TABLE job; --"',
    '\n',
    '\r\n',
    '\\N\t',
    '\\\\.',
    'true',
    '[]',
    '-1',
    '1e999',
  ],
  async run(input) {
    const cut = async (pieceBytes: number): Promise<string> => {
      const received: string[] = [];
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let at = 0; at < input.length; at += pieceBytes)
          yield input.subarray(at, at + pieceBytes);
      }
      try {
        const { tables } = await readBackup(pieces(), 'x', {
          begin: async ({ schema }) => void received.push(schema),
          async table(name, columns) {
            check(
              [name, ...columns].every((identifier) => /^[a-z0-9_]+$/.test(identifier)),
              'every used identifier is valid',
            );
            if (!TABLES.includes(name))
              throw new QibenchError('BAD_BACKUP', { file: 'x', reason: 'another table' });
            return {
              row: (line) => void received.push(line.toString('latin1')),
              done: async () => void received.push('done'),
            };
          },
        });
        return JSON.stringify([received, tables]);
      } catch (error) {
        if (!(error instanceof QibenchError)) throw error;
        check(error.code === 'BAD_BACKUP', `the error is ${error.code}`);
        return `refused: ${error.message}`;
      }
    };
    const whole = await cut(input.length + 1);
    check((await cut(13)) === whole, 'the result does not depend on the chunks of the input');
    return whole.startsWith('refused')
      ? nameOf(whole)
      : `accepted ${Math.min(whole.length, 400) >> 4}`;
  },
};

export const eventStream: Target = {
  name: 'event-stream',
  dictionary: [
    'data: ',
    'id: 1\n',
    'event: log\n',
    ': ping\n',
    '\n\n',
    '\r\n',
    Buffer.from([0xf0, 0x9f, 0x90]),
    '\u{1f427}',
    '\ufeff',
  ],
  async run(input) {
    const read = async (pieceBytes: number): Promise<string[]> => {
      const events: string[] = [];
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let at = 0; at < input.length; at += pieceBytes)
          yield input.subarray(at, at + pieceBytes);
      }
      for await (const event of serverSentEvents(pieces())) events.push(event);
      return events;
    };
    const whole = await read(input.length + 1);
    check(
      JSON.stringify(await read(5)) === JSON.stringify(whole),
      'the result does not depend on the chunks of the input',
    );
    check(
      whole.every((event) => !event.includes('\n')),
      'an event is a line',
    );
    return `events ${Math.min(whole.length, 16)}`;
  },
};
