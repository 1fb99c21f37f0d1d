// SPDX-License-Identifier: GPL-2.0-or-later
import Fastify from 'fastify';
import { ruleOf } from '#api/access.js';
import { registerGate } from '#api/auth/auth.js';
import { hasForm, newSecret } from '#api/auth/secret.js';
import { ACCESS_SETTINGS, accessSettings, checkOpen, isLoopback } from '#api/settings.js';
import { readSettings, type Environment } from '#contract/settings.js';
import type { Store } from '#store/store.js';

const accessOf = (environment: Environment) =>
  accessSettings(readSettings(ACCESS_SETTINGS, environment));
const settings = accessOf({});

test("a route missing from the access table prevents the server's start", async () => {
  const server = Fastify();
  await registerGate(server, {} as Store, settings);
  server.get('/v1/health', () => 'known');
  server.get('/v1/secrets', () => 'forgotten');

  await expect(server.ready()).rejects.toThrow(
    'services/api/access.ts has no rule for GET /v1/secrets, HEAD /v1/secrets',
  );
});

test("prototype names are not routes of the table, and a folder's entry does not cover its neighbours", () => {
  for (const [method, route] of [
    ['GET', '__proto__'],
    ['constructor', ''],
    ['GET', '/assetsx'],
    ['POST', '/docs'],
    ['PUT', '/v1/jobs'],
  ] as const)
    expect(ruleOf(method, route)).toBeNull();
  expect(ruleOf('HEAD', '/v1/jobs')).toEqual(ruleOf('GET', '/v1/jobs'));
});

test('a token has 192 random bits and a checksum that detects any changed character', () => {
  const secret = newSecret();
  expect(hasForm(secret)).toBe(true);
  expect(newSecret()).not.toBe(secret);
  for (let at = 0; at < secret.length; at++)
    expect(
      hasForm(secret.slice(0, at) + (secret[at] === 'a' ? 'b' : 'a') + secret.slice(at + 1)),
    ).toBe(false);
});

test('only a loopback address can be open', async () => {
  const open = { ...settings, openOnLoopback: true };
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    await expect(checkOpen(open, host)).resolves.toBeUndefined();
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'not-a-name.invalid'])
    await expect(checkOpen(open, host)).rejects.toThrow('where others can reach it');
  expect(['127.0.0.1', '::1', '::ffff:10.0.0.1', '8.8.8.8'].map(isLoopback)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  await expect(checkOpen(settings, '0.0.0.0')).resolves.toBeUndefined();
});

test.each([
  ['QIBENCH_OPEN_ON_LOOPBACK', 'yes'],
  ['QIBENCH_REQUESTS_PER_MINUTE', '0'],
  ['QIBENCH_QUOTA_UPLOAD_BYTES', '1e9'],
  ['QIBENCH_QUOTA_QUEUED_JOBS', '-1'],
  ['QIBENCH_TRUST_PROXY', 'true'],
  ['QIBENCH_TRUST_PROXY', '10.0.0.1,10.0.0.0/33'],
])('%s=%s is refused by name', (setting, value) => {
  expect(() => accessOf({ [setting]: value })).toThrow(setting);
});

test("id-tokens need an https issuer and the operator's audience", () => {
  expect(settings.github).toBeNull();
  expect(accessOf({ QIBENCH_GITHUB_AUDIENCE: 'a' }).github).toEqual({
    audience: 'a',
    issuer: 'https://token.actions.githubusercontent.com',
  });
  for (const issuer of [
    'http://github.example',
    'http://127.0.0.1.evil.example',
    'file:///keys',
    'x',
  ])
    expect(() => accessOf({ QIBENCH_GITHUB_AUDIENCE: 'a', QIBENCH_GITHUB_ISSUER: issuer })).toThrow(
      'QIBENCH_GITHUB_ISSUER',
    );
});
