// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

let server: Server;
let url: string;
let seen: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url!);
    if (request.url === '/page/v1/jobs')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>');
    else if (request.url === '/odd/v1/jobs') response.end('not JSON');
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"jobs":[],"next":null}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => (seen = []));

async function run(
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['dist/services/cli/main.js', ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: stdout!(), stderr: stderr!() };
}

test('an https address of a service without TLS is an error that says so', async () => {
  const { status, stderr } = await run(['job', 'list', '--server', url.replace('http', 'https')]);

  expect(status).toBe(2);
  expect(stderr).toContain('(it does not use TLS; try http://)');
});

test('a document to import that is missing or a folder is an error of the file', async () => {
  const options = ['--format', 'bmf', '--project', 'p', '--host', 'h'];
  const missing = await run(['history', 'import', '/missing.json', ...options]);
  const folder = await run(['history', 'import', 'test', ...options]);

  expect([missing.stderr, folder.stderr]).toEqual([
    '/missing.json: the file or folder does not exist\n',
    'test: it is a folder\n',
  ]);
});

test('the address of the service may end with slashes', async () => {
  expect(await run(['job', 'list', '--server', `${url}//`])).toMatchObject({ status: 0 });
  expect(await run(['job', 'list'], { QIBENCH_SERVER: `${url}/` })).toMatchObject({ status: 0 });
  expect(seen.map((path) => path.split('?')[0])).toEqual(['/v1/jobs', '/v1/jobs']);
});

test('standard error names an empty list', async () => {
  expect(await run(['job', 'list', '--server', url])).toEqual({
    status: 0,
    stdout: '',
    stderr: 'no entries\n',
  });
  expect(await run(['--json', 'job', 'list', '--server', url])).toEqual({
    status: 0,
    stdout: '[]\n',
    stderr: '',
  });
});

test.each([
  [
    'no scheme',
    ['job', 'list', '--server', 'bench.example:7171'],
    {},
    1,
    'BAD_USAGE',
    '--server: "bench.example:7171" has no scheme; write http://bench.example:7171',
  ],
  [
    'no scheme in a setting',
    ['job', 'list'],
    { QIBENCH_SERVER: 'bench' },
    1,
    'BAD_USAGE',
    'QIBENCH_SERVER: "bench" has no scheme; write http://bench',
  ],
  [
    'a password in the address',
    ['job', 'list', '--server', 'http://u:hidden@h'],
    {},
    1,
    'BAD_USAGE',
    '--server: a URL with a user or a password is not supported; set a token instead',
  ],
  [
    'an unknown option',
    ['job', 'list', '--unknown-option'],
    {},
    1,
    'BAD_USAGE',
    "unknown option '--unknown-option'",
  ],
  ['an unknown command', ['jobs'], {}, 1, 'BAD_USAGE', "unknown command 'jobs'"],
  ['a missing argument', ['show'], {}, 1, 'BAD_USAGE', "missing required argument 'job'"],
  [
    'a missing bundle',
    ['job', 'reproduce', './missing.tar'],
    {},
    1,
    'FILE_FAILED',
    './missing.tar: the file or folder does not exist',
  ],
  ['a bundle that is a folder', ['job', 'reproduce', '.'], {}, 1, 'FILE_FAILED', 'it is a folder'],
  [
    'an option that the command does not take',
    ['database', 'backup', 'x', '--server', 'http://h'],
    {},
    1,
    'BAD_USAGE',
    '--server: "database backup" works on this machine and talks to no service',
  ],
  [
    'a database that does not answer',
    ['database', 'backup', 'x'],
    { DATABASE_URL: 'postgresql://u:hidden@127.0.0.1:9/x' },
    2,
    'BAD_SETTING',
    'DATABASE_URL: 127.0.0.1:9: connect ECONNREFUSED',
  ],
  [
    'an invalid database',
    ['database', 'migrate'],
    { DATABASE_URL: 'postgresql:///x' },
    2,
    'BAD_SETTING',
    'DATABASE_URL: the value names no host',
  ],
  [
    'a service that is away',
    ['job', 'list', '--server', 'http://127.0.0.1:9'],
    {},
    2,
    'UNAVAILABLE',
    'no qibench service answers at http://127.0.0.1:9',
  ],
] as const)(
  '%s is an error of the catalogue, also as JSON',
  async (_, args, settings, status, code, message) => {
    const text = await run(args, settings);
    expect([text.status, text.stdout, text.stderr]).toEqual([
      status,
      '',
      expect.stringContaining(message),
    ]);
    expect(text.stderr).not.toMatch(/\n +at |hidden/);

    const json = await run([...args, '--json'], settings);
    expect([json.status, json.stdout]).toEqual([status, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code, message: expect.stringContaining(message) },
    });
  },
);

test.each([
  ['page', 'a web page'],
  ['odd', 'no JSON'],
])('an answer of another program is named: %s', async (path, words) => {
  const { status, stderr } = await run(['job', 'list', '--server', `${url}/${path}`]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(`answered with ${words}; is`)]);
});

test('a file that cannot be written is named', async () => {
  const { status, stderr } = await run([
    'trace',
    'export',
    'x',
    '--format',
    'csv',
    '--output',
    '/nonexistent/file',
    '--server',
    url,
  ]);
  expect([status, stderr]).toEqual([1, '/nonexistent/file: the file or folder does not exist\n']);
});

test('a reader that closes the pipe ends the command without words', () => {
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `node dist/services/cli/main.js --help | true; echo "\${PIPESTATUS[0]}"`],
    { encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^(0|141)\n$/), '']);
});

test('help ends with status 0', async () => {
  expect(await run(['job', 'list', '--help'])).toMatchObject({ status: 0, stderr: '' });
});
