// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EMULATOR = 'qemu-system-x86_64';
const OBJECTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `lib.p/${name}.o`);
const WHOLE = ['one.fa', 'two.fa', 'three.fa', 'four.fa'];
const MEMBERS = ['m', 'n', 'o', 'p', 'q', 'r', 'same', 'same'];
const BEFORE = ['-m64', '-o', 'link', ...OBJECTS, '-Wl,--whole-archive', ...WHOLE];
const AFTER = ['-Wl,--start-group', 'sub/five.a', '-Wl,--no-whole-archive', '-Wl,-rpath-link,/lib'];
const REST = ['six.a', 'one.fa', '@qemu.syms', '/usr/lib/libz.a', '-lm', '-Wl,--end-group'];
/** The linker's arguments, in a fixed order. */
const ARGUMENTS = [...BEFORE, ...AFTER, ...REST, '-s'];
const COMMAND = ['c++', ...BEFORE, ...AFTER, "'-Wl,-rpath,$ORIGIN/instrument'", ...REST].join(' ');

const NINJA = `#!/usr/bin/env python3
import json, sys
assert sys.argv[1:] == ["-t", "compdb", "-x"]
print(json.dumps([{"output": "other", "command": "cc -c x.c"},
                  {"output": "${EMULATOR}", "command": open("command").read()}]))
`;

/** A fake linker whose output is a program that starts, or not, and prints its inputs. */
const LINKER = `#!/usr/bin/env python3
import json, os, re, sys
output = sys.argv[sys.argv.index("-o") + 1]
name = os.path.basename(output)
faults = json.load(open("faults"))
if faults.get(name) == "does not link":
    sys.exit(1)
clean = lambda text: re.sub("link-[0-9]+(-?)", lambda match: "" if match[1] else "link", text)
archives = {clean(path): open(path, encoding="latin-1").read()
            for path in sys.argv[1:] if re.fullmatch("[^/].*[.]f?a", path)}
arguments = [clean(os.path.relpath(path) if path == output else path) for path in sys.argv[1:]]
with open(output, "w") as file:
    file.write("#!/bin/sh\\nexit %d\\n" % (faults.get(name) == "does not start"))
    file.write("# " + json.dumps({"arguments": arguments, "archives": archives}))
os.chmod(output, 0o755)
`;

function entry(name: string, content: string, kept = true): string {
  const header = `${name.padEnd(48)}${String(content.length).padEnd(10)}\`\n`;
  return kept ? header + content + '\n'.repeat(content.length % 2) : header;
}

const INDEX = entry('/', 'an index');

/** An archive of GNU ar with members of odd sizes; a thin one has only their headers. */
function archive(thin: boolean): string {
  const members = MEMBERS.map((name, index) =>
    entry(`${name}/`, `code ${index} of ${name}`.padEnd(19), !thin),
  );
  return [thin ? '!<thin>\n' : '!<arch>\n', INDEX, entry('//', 'long/names/'), ...members].join('');
}

function membersOf(text: string, bytes: number): string[] {
  return MEMBERS.map((_, index) => text.slice(text.length - (index + 1) * bytes).slice(0, bytes));
}

interface Link {
  readonly arguments: readonly string[];
  readonly archives: Readonly<Record<string, string>>;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qibench-relink-'));
  for (const name of ['tools', 'build', 'build/sub', 'out']) mkdirSync(join(folder, name));
  const tool = (name: string, text: string) =>
    writeFileSync(join(folder, 'tools', name), text, { mode: 0o755 });
  tool('ninja', NINJA);
  tool('c++', LINKER);
  tool('ar', '#!/bin/sh\n');
  writeFileSync(join(folder, 'build/command'), COMMAND);
  for (const name of [...WHOLE, 'sub/five.a'])
    writeFileSync(join(folder, 'build', name), archive(true));
  // The padding byte of the last member may be missing.
  writeFileSync(join(folder, 'build/six.a'), archive(false).slice(0, -1));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Links four times. Returns the resulting links by file name. */
function relink(seed: string, faults: Readonly<Record<string, string>> = {}): Map<string, Link> {
  writeFileSync(join(folder, 'build/faults'), JSON.stringify(faults));
  const out = mkdtempSync(join(folder, 'out/'));
  execFileSync('python3', [join(process.cwd(), 'qemu/relink.py'), EMULATOR, '4', seed, out], {
    cwd: join(folder, 'build'),
    env: { ...process.env, PATH: `${join(folder, 'tools')}:${process.env['PATH']}` },
  });
  return new Map(
    readdirSync(out)
      .sort()
      .map((name) => [
        name,
        JSON.parse(readFileSync(join(out, name), 'utf8').split('\n# ')[1]!) as Link,
      ]),
  );
}

const names = (count: number) => Array.from({ length: count }, (_, link) => `${EMULATOR}.0${link}`);
const sorted = (items: readonly string[]) => [...items].sort();
const isObject = (argument: string) => argument.endsWith('.o');

test('a link has the objects and whole archives in another order, and everything else in its place', () => {
  const links = [...relink('seed').values()];

  for (const { arguments: linked } of links) {
    const places = (argument: string) =>
      isObject(argument) ? 'object' : WHOLE.includes(argument) ? 'archive' : argument;
    expect(linked.map(places)).toEqual(ARGUMENTS.map(places));
    expect(sorted(linked)).toEqual(sorted(ARGUMENTS));
    expect(linked.filter(isObject)).not.toEqual(OBJECTS);
    // Among archives that are not linked whole, the first one with a symbol provides it.
    expect(linked.slice(-REST.length - 1)).toEqual([...REST, '-s']);
  }
  const whole = links.map((link) => link.arguments.slice(BEFORE.length - WHOLE.length)[0]);
  expect(new Set(whole).size).toBeGreaterThan(1);
});

test.each([
  ['thin', 'one.fa', true, 60],
  ['whole', 'six.a', false, 80],
])(
  'a %s archive has its members in another order, also with equal names',
  (_, name, thin, bytes) => {
    const original = archive(thin);
    for (const [, { archives }] of relink('seed')) {
      const linked = archives[name]!;
      expect(membersOf(linked, bytes)).not.toEqual(membersOf(original, bytes));
      expect(sorted(membersOf(linked, bytes))).toEqual(sorted(membersOf(original, bytes)));
      // Its index has the old order, and is rebuilt.
      expect(linked.slice(0, -MEMBERS.length * bytes)).toBe(
        original.slice(0, -MEMBERS.length * bytes).replace(INDEX, ''),
      );
    }
  },
);

test('equal seeds give equal links, and the links of one seed all differ', () => {
  const links = relink('seed');

  expect([...links.keys()]).toEqual(names(4));
  expect(new Set([...links.values()].map((link) => JSON.stringify(link))).size).toBe(4);
  expect(relink('seed')).toEqual(links);
  expect(relink('other')).not.toEqual(links);
});

test('a link that fails or does not start is omitted, and later ones move up', () => {
  const all = [...relink('seed').values()];

  const links = relink('seed', { 'link-0': 'does not link', 'link-2': 'does not start' });

  expect([...links.keys()]).toEqual(names(2));
  expect([...links.values()]).toEqual([all[1], all[3]]);
});
