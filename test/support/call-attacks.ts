// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import type { ContainerSpec } from '#worker/engine/engine.js';
import { host, type Options } from './create-options.js';

/** An attack that one field of the sandbox stops. */
export interface Attack {
  readonly field: string;
  readonly script: string;
  /** Script that another container of the same kind ran before. */
  readonly before?: string;
  /** Removes the field. */
  readonly without: (options: Options) => Options;
  /**
   * Changes of the step's container, or removal of another field that would stop the attack as
   * well.
   */
  readonly spec?: Partial<ContainerSpec>;
  readonly prepare?: (options: Options) => Options;
}

const seccomp = (profile: string) =>
  host({ SecurityOpt: ['no-new-privileges:true', `seccomp=${profile}`] });
const dockerProfile = seccomp(readFileSync('dockerfiles/seccomp/default.json', 'utf8'));
/**
 * Returns a command that prints `won` if the Perl code sets `$won`. `calls` has the numbers of a
 * system call on x86-64 and AArch64, then its arguments; it is false where the profile refuses.
 */
const perl = (code: string) =>
  `perl -e 'sub calls { my ($x, $arm, @arguments) = @_; syscall(qx(uname -m) =~ /x86/ ? $x : $arm, ` +
  `@arguments) >= 0 || $! != 1 } ${code}; print "won\n" if $won'`;
/** A program of 32 bits, for printf, that ends by `int 0x80`: header, one segment, code. */
const EXIT_32_BIT = [
  '7f454c46010101000000000000000000020003000100000054800408340000000000000000000000',
  '340020000100000000000000',
  '010000000000000000800408008004085d0000005d0000000500000000100000',
  'b80100000031dbcd80',
]
  .join('')
  .replaceAll(/../g, String.raw`\x$&`);

/** Attacks by system calls, which the seccomp profile stops. */
export const CALL_ATTACKS: readonly Attack[] = [
  {
    field: 'seccomp profile',
    script: 'unshare -U true && echo won',
    without: seccomp('unconfined'),
  },
  {
    field: 'seccomp profile: families of sockets',
    script: perl('$won = grep { calls(41, 198, $_, 1, 0) } 3 .. 9, 11 .. 15, 17 .. 45'),
    without: dockerProfile,
  },
  {
    field: 'seccomp profile: families of pairs of sockets',
    script: perl(
      '$pair = "\\0" x 8; $won = grep { calls(53, 199, $_, 1, 0, $pair) } 3 .. 9, 17 .. 45',
    ),
    without: dockerProfile,
  },
  {
    field: 'seccomp profile: io_uring',
    script: perl('$won = calls(426, 426, -1, 0, 0, 0, 0, 0) || calls(427, 427, -1, 0, 0, 0)'),
    without: dockerProfile,
  },
  {
    field: 'seccomp profile: keyrings',
    script: perl('$won = calls(250, 219, 0, -1, 0)'),
    without: seccomp('unconfined'),
  },
  {
    field: 'seccomp profile: limits of other processes',
    script: '(prlimit --pid 1 --nofile=99) && echo won',
    without: dockerProfile,
  },
  ...(process.arch === 'x64'
    ? [
        {
          field: 'seccomp profile: 32-bit system calls',
          script: `printf '${EXIT_32_BIT}' > /tmp/exit && chmod +x /tmp/exit && (/tmp/exit) && echo won`,
          without: dockerProfile,
        },
      ]
    : []),
];
