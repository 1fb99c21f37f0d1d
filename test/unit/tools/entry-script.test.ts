// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'qibench-entry-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Creates a checkout that is installed and compiled. Its command prints `ran`. */
function checkout(): string {
  const root = join(folder, 'checkout');
  const write = (path: string, content = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const part of ['services', 'worker', 'test', 'prisma']) write(`${part}/x`);
  for (const path of ['tsconfig.json', 'package-lock.json', 'node_modules/.package-lock.json'])
    write(path);
  write('dist/services/cli/main.js', 'console.log("ran")');
  write('dist/.built');
  copyFileSync('qibench', join(root, 'qibench'));
  return root;
}

test("the entry script's log is in a folder of its user alone, not among temporary files", () => {
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  for (const path of [home, temporary]) mkdirSync(path);
  const env = { PATH: process.env.PATH, HOME: home, TMPDIR: temporary };

  const output = execFileSync(join(checkout(), 'qibench'), ['jobs'], { env, encoding: 'utf8' });

  expect(output).toBe('ran\n');
  expect(readdirSync(temporary)).toEqual([]);
  expect(statSync(join(home, '.local/state/qibench')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(home, '.local/state/qibench'))).toEqual(['setup.log']);
});

test("the script installs what checks the signature of Debian's archive", () => {
  const script = readFileSync('qibench', 'utf8');

  for (const name of ['debootstrap', 'debian-archive-keyring', 'gpgv'])
    expect(script).toContain(`missing+=(${name})`);
  expect(readFileSync('dockerfiles/service/Dockerfile', 'utf8')).toContain(
    'debian-archive-keyring debootstrap gpgv',
  );
});

test('two commands that start at once in a fresh clone install once', async () => {
  const root = checkout();
  rmSync(join(root, 'node_modules'), { recursive: true });
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const npm = `#!/bin/sh
mkdir ${root}/node_modules || exit 1
sleep 1
touch ${root}/node_modules/.package-lock.json
`;
  writeFileSync(join(programs, 'npm'), npm, { mode: 0o755 });
  const env = { PATH: `${programs}:${process.env.PATH}`, HOME: folder };
  const command = () => promisify(execFile)(join(root, 'qibench'), ['jobs'], { env });

  const outputs = await Promise.all([command(), command()]);

  expect(outputs.map(({ stdout }) => stdout)).toEqual(['ran\n', 'ran\n']);
});
