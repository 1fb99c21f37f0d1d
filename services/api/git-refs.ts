// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { QibenchError } from '#contract/error.js';
import { SOURCE_SCHEMES, type QemuSource } from '#contract/source.js';

const LIMIT_MS = 20_000;
const ANSWER_LIMIT_BYTES = 64 * 1024;
const TOOL = '/usr/bin:/bin:/usr/local/bin';

/** No configuration of the machine or its user counts: no credentials, helpers or rewritten URLs. */
const ENVIRONMENT = {
  PATH: TOOL,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: SOURCE_SCHEMES.map((scheme) => scheme.slice(0, -1)).join(':'),
};

/**
 * Asks a repository for the commit of a ref or tag. The caller has checked the repository's host.
 * @param field Path of the source in the request.
 * @throws {UNKNOWN_REVISION} The repository has no such ref or tag.
 * @throws {SOURCE_UNAVAILABLE} The repository does not answer.
 */
export async function commitOf(
  { git, ref, tag }: Pick<QemuSource, 'git' | 'ref' | 'tag'>,
  field: string,
): Promise<string> {
  const name = refName({ ref, tag });
  const { stdout } = await promisify(execFile)(
    'git',
    ['-c', 'http.followRedirects=false', 'ls-remote', '--', git!, name, `${name}^{}`],
    {
      env: ENVIRONMENT,
      cwd: '/',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: ANSWER_LIMIT_BYTES,
    },
  ).catch((error: Error & { stderr?: string; killed?: boolean; code?: unknown }) => {
    throw new QibenchError(
      'SOURCE_UNAVAILABLE',
      { source: git!, reason: reasonOf(error) },
      { cause: error },
    );
  });
  const commits = new Map(
    stdout.split('\n').map((line) => line.split('\t').reverse() as [string, string]),
  );
  // The entry with ^{} is the commit that an annotated tag names.
  const commit = commits.get(`${name}^{}`) ?? commits.get(name);
  if (commit !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return commit;
  throw new QibenchError(
    'UNKNOWN_REVISION',
    { field, repository: git!, revision: name },
    { details: [{ path: field, message: `the repository has no ${name}` }] },
  );
}

function refName({ ref, tag }: Pick<QemuSource, 'ref' | 'tag'>): string {
  if (tag !== undefined) return `refs/tags/${tag}`;
  return ref!.startsWith('refs/') ? ref! : `refs/heads/${ref!}`;
}

function reasonOf({
  stderr = '',
  killed = false,
  message,
}: Error & { stderr?: string; killed?: boolean }): string {
  if (killed)
    return `no answer within ${LIMIT_MS / 1000} s, or more than ${ANSWER_LIMIT_BYTES} bytes`;
  const said = stderr.split('\n').find((line) => /fatal:|error:/.test(line));
  return said ?? message.split('\n')[0]!;
}
