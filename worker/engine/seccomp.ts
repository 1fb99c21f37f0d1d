// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seccomp profiles as JSON, as Docker's `seccomp=` takes them. */
export interface SeccompProfiles {
  /** Profile of every container. */
  readonly all: string;
  /** Profile of measured runs that may read the processor's counters; null: no run may. */
  readonly perf: string | null;
}

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args: readonly object[] | null;
}

interface Profile {
  readonly archMap: readonly { readonly architecture: string }[];
  readonly syscalls: readonly Rule[];
}

/** Address families of sockets; the kernel may load a module for any other. */
const FAMILIES = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
/** Calls that our rules replace. A filter cannot see the family behind socketcall's pointer. */
const LIMITED = ['socket', 'socketpair', 'socketcall', 'prlimit64'];
/** Calls that Docker's profile allows and no container needs. It allows none for keyrings. */
const REFUSED = ['io_uring_setup', 'io_uring_enter', 'io_uring_register'];

/**
 * Returns the seccomp profiles of a worker's containers. They are Docker's default without other
 * socket families, io_uring, limits of other processes and 32-bit system calls.
 *
 * @param rootDir Folder of the project, which has Docker's profile in dockerfiles/seccomp.
 * @param lendsPerf Measured runs may call `perf_event_open`.
 */
export function seccompProfiles(rootDir: string, lendsPerf = false): SeccompProfiles {
  const profile = JSON.parse(
    readFileSync(join(rootDir, 'dockerfiles/seccomp/default.json'), 'utf8'),
  ) as Profile;
  const removed = new Set([...LIMITED, ...REFUSED]);
  const syscalls = [
    ...profile.syscalls
      .map((rule) => ({ ...rule, names: rule.names.filter((name) => !removed.has(name)) }))
      .filter(({ names }) => names.length > 0),
    ...Object.values(FAMILIES).map((family) => allow(['socket', 'socketpair'], family)),
    allow(['prlimit64'], 0), // the calling process
  ];
  const archMap = profile.archMap.map((entry) => ({ ...entry, subArchitectures: [] }));
  const json = (rules: readonly Rule[]) => JSON.stringify({ ...profile, archMap, syscalls: rules });
  return {
    all: json(syscalls),
    perf: lendsPerf ? json([...syscalls, allow(['perf_event_open'])]) : null,
  };
}

/** Allows calls; with a value, only where it is the first argument. */
function allow(names: readonly string[], value?: number): Rule {
  const args = value === undefined ? [] : [{ index: 0, value, op: 'SCMP_CMP_EQ' }];
  return { names, action: 'SCMP_ACT_ALLOW', args };
}
