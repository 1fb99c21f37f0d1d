// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { QibenchError } from '#contract/error.js';
import { ensureToolchain } from '#worker/build/images.js';
import { patchSource, type Source } from '#worker/build/patched.js';
import { openContainer, runScript } from '#worker/build/script.js';
import { packFiles } from '#worker/build/tar.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

/** Patch series as files of git format-patch and as mails, applied in Docker to a small source. */

const labels = { 'qibench.test': `series-${process.pid}` };
let logged = '';
const base = testContext(process.cwd(), labels);
const context = {
  ...base,
  progress: { ...base.progress, log: (_: unknown, text: string) => void (logged += text) },
};
const TAG = `qibench/source:fetched-test-${process.pid}`;
const tags = [TAG];
let source: Source;

beforeAll(async () => {
  const entry = (await readVersions(process.cwd()))['7.2']!;
  const toolchain = await ensureToolchain(base, entry);
  await using container = await openContainer(base, {
    image: toolchain.tag,
    command: ['true'],
    user: '1000:1000',
    network: 'none',
    limits: base.limits.small,
  });
  const files = packFiles([{ path: 'src/hw/x.c', content: 'one\ntwo\nthree\n' }], 1000);
  await base.backend.copyIn(container.id, '/qemu', files);
  await base.backend.commit(container.id, TAG, {});
  source = { tag: TAG, digest: `sha256:test-${process.pid}`, patches: null, uploaded: null };
}, 1_200_000);
afterAll(async () => {
  for (const tag of tags.reverse()) await base.backend.evict(tag, 'image');
  await base.backend.sweep(labels);
});
beforeEach(() => void (logged = ''));

const change = (from: string, to: string, line: number) =>
  `--- a/hw/x.c\n+++ b/hw/x.c\n@@ -${line} +${line} @@\n-${from}\n+${to}\n`;
const idOf = (subject: string) => createHash('sha1').update(subject).digest('hex');
const mail = (subject: string, body: string, headers = '') =>
  `From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: A <a@example.org>\nMessage-ID: <${idOf(subject)}@x>\n` +
  `Subject: ${subject}\n${headers}\n${body}\n`;
const patchMail = (subject: string, diff: string, headers = '') =>
  mail(
    subject,
    `Some words.\n\nSigned-off-by: A\n---\n hw/x.c | 2 +-\n\n${diff}-- \n2.39.5\n`,
    headers,
  );

/** Applies a series; returns the patched file, or the error. */
async function patched(files: Record<string, string>): Promise<string | QibenchError> {
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  const series = {
    digest: `sha256:${digest}`,
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
  };
  try {
    const { tag } = await patchSource(context, '7.2', source, series);
    tags.push(tag);
    return await contentOf(tag);
  } catch (error) {
    return error as QibenchError;
  }
}

async function contentOf(image: string): Promise<string> {
  let text = '';
  const quiet = {
    ...base,
    progress: { ...base.progress, log: (_: unknown, chunk: string) => void (text += chunk) },
  };
  await using container = await openContainer(quiet, {
    image,
    command: ['cat', '/qemu/src/hw/x.c'],
    user: '1000:1000',
    network: 'none',
    limits: base.limits.small,
  });
  const how = { step: 'source' as const, what: 'test', limits: base.limits.small, uploaded: null };
  await runScript(quiet, container.id, how);
  return text.replaceAll('\n', ' ').trim();
}

test('a thread is applied by its numbers, without cover letter, replies and older versions', async () => {
  const thread = [
    patchMail('[PATCH v2 2/2] second', change('1', 'I', 1)),
    mail('[PATCH v2 0/2] all', `Quotes a diff:\n\n${change('three', 'III', 3)}`),
    patchMail('[PATCH 1/2] first, older', change('one', 'old', 1)),
    mail('Re: [PATCH v2 1/2] first', `> words\n\nBetter:\n\n${change('one', 'reply', 1)}`),
    patchMail('[PATCH v2 1/2] first', change('one', '1', 1)),
    patchMail('[PATCH v2 1/2] first', change('one', '1', 1)), // the list sent it twice
    mail('Re: [PATCH v2 0/2] all', 'Reviewed-by: B\n'),
  ].join('\n');

  expect(await patched({ 'thread.mbox': thread })).toBe('I two three');
  expect(logged).toContain("left out: '[PATCH v2 0/2] all'");
}, 600_000);

test.each<[string, string, string]>([
  ['quoted-printable', 'quoted-printable', change('one', 'a=3Db', 1)],
  ['base64', 'base64', Buffer.from(change('one', 'a=b', 1)).toString('base64')],
])(
  'a mail in %s is decoded',
  async (_, encoding, body) => {
    const headers =
      'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n' +
      `Content-Transfer-Encoding: ${encoding}\n`;

    expect(await patched({ 'one.mbox': mail('[PATCH] encoded', body, headers) })).toBe(
      'a=b two three',
    );
  },
  120_000,
);

test('a mail with CRLF and an attached patch is read as git am reads it', async () => {
  const headers = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n';
  const diff = change('one', '1', 1).replaceAll('\n', '\r\n');
  const body = `--b\nContent-Type: text/plain\n\nhello\n\n--b\nContent-Type: text/x-patch\n\n${diff}\n--b--\n`;

  expect(await patched({ 'one.mbox': mail('[PATCH] attached', body, headers) })).toBe(
    '1 two three',
  );
}, 120_000);

test('files of git format-patch and mails are applied in the order of their names', async () => {
  expect(
    await patched({
      '0001-first.patch': change('one', '1', 1),
      '0002-mails.mbox': patchMail('[PATCH] x', change('1', '2', 1)),
      '0003-last.patch': change('2', '3', 1),
    }),
  ).toBe('3 two three');
}, 120_000);

test('a conflict names patch, file and hunk', async () => {
  const error = await patched({
    'thread.mbox': [
      patchMail('[PATCH 1/2] good', change('one', '1', 1)),
      patchMail('[PATCH 2/2] bad one', change('nothing', '1', 2)),
    ].join('\n'),
  });

  expect(error).toMatchObject({ code: 'PATCH_FAILED', kind: 'user' });
  expect((error as QibenchError).message).toMatch(
    /patch 0000-0002-bad-one\.patch does not apply to QEMU 7\.2: hw\/x\.c: Hunk #1 FAILED at 2/,
  );
}, 120_000);

test.each<[string, string, RegExp]>([
  ['without a patch', mail('[PATCH 0/1] cover', 'words'), /no mail in it has a patch/],
  [
    'with a missing patch',
    patchMail('[PATCH 2/3] x', change('one', '1', 1)),
    /patch 1\/3 is missing/,
  ],
  [
    'with two different mails for one patch',
    patchMail('[PATCH 1/1] a', change('one', '1', 1)) +
      patchMail('[PATCH 1/1] b', change('one', '2', 1)),
    /two mails are patch 1\/1/,
  ],
  ['without a mail', '\0\x01garbage', /no mail in it has a patch/],
  ['of zero bytes', '', /no mail in it has a patch/],
])(
  'a thread %s is refused',
  async (_, text, message) => {
    const error = await patched({ 'thread.mbox': text });

    expect(error).toMatchObject({ code: 'PATCH_FAILED', kind: 'user' });
    expect((error as QibenchError).message).toMatch(message);
  },
  120_000,
);

test.each<[string, string]>([
  ['outside the source', '--- a/../../etc/x\n+++ b/../../etc/x\n@@ -0,0 +1 @@\n+x\n'],
  ['by an absolute name', '--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-root\n+x\n'],
  ['as an ed script', '--- a/hw/x.c\n+++ b/hw/x.c\n1c\n!touch /qemu/src/pwned\n.\n'],
])(
  'a mail cannot write %s',
  async (_, diff) => {
    expect(await patched({ 'x.mbox': patchMail('[PATCH] x', diff) })).toMatchObject({
      code: 'PATCH_FAILED',
      kind: 'user',
    });
  },
  120_000,
);
