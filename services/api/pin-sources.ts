// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { JobRequest } from '#contract/job.js';
import type { QemuSource } from '#contract/source.js';
import { addressOrigin, allowsSource } from '#contract/source-hosts.js';
import { commitOf } from './git-refs.js';

/**
 * Returns a request whose sources name commits: refs and tags are resolved, once for both sides.
 * @param hosts The operator's list.
 * @throws {SOURCE_HOST_REFUSED} The operator does not allow a host.
 * @throws {UNKNOWN_REVISION} A repository has no such ref or tag.
 * @throws {SOURCE_UNAVAILABLE} A repository does not answer.
 */
export async function pinSources(
  request: JobRequest,
  hosts: readonly string[],
): Promise<JobRequest> {
  const { qemu, baseline } = request;
  const known = new Map<string, Promise<string>>();
  const pin = async (source: QemuSource, field: string): Promise<QemuSource> => {
    checkHost(source.git ?? source.tarball, field, hosts);
    const { ref, tag, ...rest } = source;
    if (source.git === undefined || source.commit !== undefined) return source;
    const key = JSON.stringify([source.git, ref, tag]);
    if (!known.has(key)) known.set(key, commitOf(source, field));
    return { ...rest, commit: await known.get(key)! };
  };
  return {
    ...request,
    qemu:
      qemu.source === undefined ? qemu : { ...qemu, source: await pin(qemu.source, 'qemu.source') },
    ...(typeof baseline === 'object' && baseline.source != null
      ? { baseline: { ...baseline, source: await pin(baseline.source, 'baseline.source') } }
      : {}),
  };
}

/** Returns whether a request has refs or tags, so that the API asks repositories for commits. */
export function namesRefs({ qemu, baseline }: JobRequest): boolean {
  const base = typeof baseline === 'object' ? baseline.source : undefined;
  return [qemu.source, base].some((source) => (source?.ref ?? source?.tag) !== undefined);
}

function checkHost(address: string | undefined, field: string, hosts: readonly string[]): void {
  if (address === undefined || allowsSource(hosts, address)) return;
  const origin = addressOrigin(address);
  throw new QibenchError(
    'SOURCE_HOST_REFUSED',
    { field, origin },
    { details: [{ path: field, message: `the operator does not allow ${origin}` }] },
  );
}
