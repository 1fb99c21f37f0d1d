// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine } from '#worker/engine/engine.js';
import { acquireBuildLock, lockFolderOfHost, lockHost, type HostUse } from '#worker/host/lock.js';
import { buildOnce } from '#worker/build/build-once.js';
import { testContext } from '#support/context.js';

/** A worker that locks the host and keeps it until its stdin ends. */
const HOLDER = `
const [module, folder, use] = process.argv.slice(1);
const { lockHost } = await import(module);
const lock = await lockHost(folder, use, new AbortController().signal, () => console.log('waits'));
console.log('has it');
process.stdin.on('end', async () => { await lock[Symbol.asyncDispose](); process.exit(0); }).resume();
`;

let folder: string;
const holders: ChildProcess[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'qibench-lock-'))));
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function holder(use: HostUse) {
  const module = pathToFileURL(join(process.cwd(), 'dist/worker/host/lock.js')).href;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', HOLDER, module, folder, use],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  holders.push(child);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const says = async (text: string) => {
    while (!printed.includes(text)) await once(child.stdout, 'data');
  };
  return { child, says, output: () => printed };
}

const soon = (ms = 400) => new Promise((resolve) => setTimeout(resolve, ms));
const take = (use: HostUse, signal = new AbortController().signal) => lockHost(folder, use, signal);

test('builds of several processes share the host, and a measuring process waits for all of them', async () => {
  const [first, second] = [holder('build'), holder('build')];
  await Promise.all([first.says('has it'), second.says('has it')]);
  const measuring = holder('measure');
  await measuring.says('waits');
  first.child.stdin!.end();
  await soon();
  expect(measuring.output()).not.toContain('has it');

  second.child.stdin!.end();

  await measuring.says('has it');
}, 20_000);

test('while a job measures, the host accepts neither a build nor another job', async () => {
  const measuring = holder('measure');
  await measuring.says('has it');
  const [build, other] = [holder('build'), holder('measure')];
  await Promise.all([build.says('waits'), other.says('waits')]);
  await soon();
  expect([build.output(), other.output()]).toEqual(['waits\n', 'waits\n']);

  measuring.child.stdin!.end();

  await Promise.race([build.says('has it'), other.says('has it')]);
}, 20_000);

test('the host of a killed process is free at once', async () => {
  const measuring = holder('measure');
  await measuring.says('has it');
  const waiting = take('build');
  await soon(100);

  measuring.child.kill('SIGKILL');

  await (await waiting)[Symbol.asyncDispose]();
}, 20_000);

test('a process killed while it waits leaves nothing behind', async () => {
  const lock = await take('build');
  const waiting = holder('measure');
  await waiting.says('waits');
  waiting.child.kill('SIGKILL');
  await once(waiting.child, 'exit');
  await lock[Symbol.asyncDispose]();

  await (await take('measure'))[Symbol.asyncDispose]();
  await (await take('build'))[Symbol.asyncDispose]();
}, 20_000);

test('later builds do not overtake a process that waits to measure', async () => {
  const first = await take('build');
  const measuring = holder('measure');
  await measuring.says('waits');
  let late = false;
  const second = take('build').then((lock) => ((late = true), lock));
  await soon();
  expect(late).toBe(false);

  await first[Symbol.asyncDispose]();

  await measuring.says('has it');
  expect(late).toBe(false);
  measuring.child.stdin!.end();
  await (await second)[Symbol.asyncDispose]();
}, 20_000);

test('a process told to stop while it waits stops waiting, and does not block others', async () => {
  const lock = await take('measure');
  const stop = new AbortController();
  const waiting = take('measure', stop.signal);
  setTimeout(() => stop.abort(new Error('cancelled')), 200);

  await expect(waiting).rejects.toThrow('cancelled');
  await lock[Symbol.asyncDispose]();
  await (await take('measure'))[Symbol.asyncDispose]();
}, 20_000);

test('without the setting, only the user of the workers can open the locks', async () => {
  const locks = lockFolderOfHost(null, folder);

  expect(locks).toBe(join(folder, 'qibench'));
  expect(statSync(locks).mode & 0o777).toBe(0o700);
  expect(lockFolderOfHost(null, folder)).toBe(locks);
  expect(lockFolderOfHost(folder, '/elsewhere')).toBe(folder);
});

test.each<[string, (path: string) => void]>([
  ['open to others', (path) => (mkdirSync(path), chmodSync(path, 0o755))],
  ['a link', (path) => symlinkSync(folder, path)],
])('a lock folder that is %s is refused', (_, put) => {
  put(join(folder, 'qibench'));

  expect(() => lockFolderOfHost(null, folder)).toThrow('is not a folder of this user alone');
});

test('a lock folder of the setting that is a file, or cannot exist, is refused', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');

  for (const path of [file, join(file, 'below'), join(folder, 'none'), 'x'.repeat(300)])
    expect(() => lockFolderOfHost(path)).toThrow(`QIBENCH_LOCK_DIR: ${path} is not a folder`);
});

test('a missing lock folder is an error of the setting', async () => {
  await expect(
    lockHost(join(folder, 'none'), 'build', new AbortController().signal),
  ).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: expect.stringContaining('QIBENCH_LOCK_DIR'),
  });
});

test('concurrent requests for one image build it once: the second waits for the first', async () => {
  let made = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const messages: string[] = [];
  let waits = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const context = {
    ...testContext(process.cwd()),
    lockFolder: folder,
    backend: { hasImage: () => Promise.resolve(made > 0) } as unknown as Engine,
    progress: {
      ...testContext(process.cwd()).progress,
      log: (_: unknown, text: string) => void (messages.push(text), waits()),
    },
  };
  const want = () =>
    buildOnce(context, { tag: 'qibench/tree:t', step: 'tree', name: 'tree' }, () =>
      finished.then(() => void (made += 1)),
    );

  const [first, second] = [want(), want()];
  await waiting;
  finish();

  expect([await first, await second].sort()).toEqual([false, true]);
  expect(made).toBe(1);
  expect(messages).toEqual(['waiting for another job on this host to build tree\n']);
}, 20_000);

test('the next caller builds an image after the first one failed', async () => {
  const backend = { hasImage: () => Promise.resolve(false) } as unknown as Engine;
  const want = (make: () => Promise<void>) =>
    buildOnce(
      { ...testContext(process.cwd()), lockFolder: folder, backend },
      { tag: 't', step: 'tree', name: 'tree' },
      make,
    );
  await expect(want(() => Promise.reject(new Error('killed')))).rejects.toThrow('killed');

  expect(await want(() => Promise.resolve())).toBe(false);
}, 20_000);

test('builds of different names do not wait for each other, as user code can take long', async () => {
  const backend = { hasImage: () => Promise.resolve(false) } as unknown as Engine;
  const context = { ...testContext(process.cwd()), lockFolder: folder, backend };
  const begun: (() => void)[] = [];
  const want = (name: string) =>
    buildOnce(
      context,
      { tag: 't', step: 'tree', name },
      () => new Promise((resolve) => void begun.push(resolve)),
    );

  const both = [want('tree-0a'), want('tree-0b')];
  while (begun.length < 2) await soon(10);
  for (const end of begun) end();

  expect(await Promise.all(both)).toEqual([false, false]);
}, 20_000);

test('a build lock leaves no file, and processes that waited for the removed one still take turns', async () => {
  let holders = 0;
  let most = 0;
  const hold = async () => {
    const { signal } = new AbortController();
    await using _lock = await acquireBuildLock(folder, 'turns', signal, () => undefined);
    most = Math.max(most, (holders += 1));
    await soon(5);
    holders -= 1;
  };

  await Promise.all(Array.from({ length: 12 }, hold));

  expect(most).toBe(1);
  expect(readdirSync(folder).filter((name) => name.includes('turns'))).toEqual([]);
}, 20_000);
