// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { seccompProfiles } from '#worker/engine/seccomp.js';

interface Profile {
  readonly defaultAction: string;
  readonly archMap: readonly { architecture: string; subArchitectures: string[] }[];
  readonly syscalls: readonly {
    names: string[];
    action: string;
    args: object[] | null;
    includes?: { caps?: string[] };
  }[];
}

const FOLDER = 'dockerfiles/seccomp';
const docker = JSON.parse(readFileSync(`${FOLDER}/default.json`, 'utf8')) as Profile;
const { all, perf } = seccompProfiles(process.cwd(), true);
/** Returns the rules for a call that hold without capabilities, which no container has. */
const rulesOf = (profile: string | null, name: string) =>
  (JSON.parse(profile!) as Profile).syscalls.filter(
    ({ names, includes }) => names.includes(name) && includes?.caps === undefined,
  );
const firstIs = (value: number) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }];

test("Docker's profile is the unchanged file that its README names", () => {
  const digest = createHash('sha256')
    .update(readFileSync(`${FOLDER}/default.json`))
    .digest('hex');

  expect(readFileSync(`${FOLDER}/README.md`, 'utf8')).toContain(digest);
});

test.each(['socketcall', 'io_uring_setup', 'keyctl', 'add_key', 'request_key', 'perf_event_open'])(
  'no rule names %s, and calls without a rule are refused',
  (name) => {
    expect(docker.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(JSON.parse(all)).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO' });
    expect(rulesOf(all, name)).toEqual([]);
  },
);

test.each(['socket', 'socketpair'])('%s is for UNIX, IPv4, IPv6 and netlink only', (name) => {
  expect(rulesOf(all, name).map(({ args }) => args)).toEqual([1, 2, 10, 16].map(firstIs));
});

test('a process can change only its own limits', () => {
  expect(rulesOf(all, 'prlimit64').map(({ args }) => args)).toEqual([firstIs(0)]);
});

test('only system calls of 64 bits are allowed', () => {
  const { archMap } = JSON.parse(all) as Profile;

  expect(archMap.map(({ architecture }) => architecture)).toContain('SCMP_ARCH_X86_64');
  expect(archMap.flatMap(({ subArchitectures }) => subArchitectures)).toEqual([]);
});

test("every other rule is Docker's", () => {
  const others = (rules: Profile['syscalls']) =>
    rules.flatMap(({ names, ...rule }) =>
      names
        .filter((name) => !/^(socket(pair|call)?|prlimit64|io_uring_\w+)$/.test(name))
        .map((name) => JSON.stringify({ name, ...rule })),
    );

  expect(others((JSON.parse(all) as Profile).syscalls)).toEqual(others(docker.syscalls));
});

test('the profile with counters adds perf_event_open, and exists only where counters are lent', () => {
  const { syscalls } = JSON.parse(all) as Profile;
  const added = { names: ['perf_event_open'], action: 'SCMP_ACT_ALLOW', args: [] };

  expect(JSON.parse(perf!)).toEqual({
    ...(JSON.parse(all) as Profile),
    syscalls: [...syscalls, added],
  });
  expect(seccompProfiles(process.cwd()).perf).toBeNull();
});
