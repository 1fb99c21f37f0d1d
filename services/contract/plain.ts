/** What of the contract is needed without its schemas, said once: the dashboard loads no schema library. */

/** `sha256:` and 64 hexadecimal digits. */
export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** A name or a glob of events. */
export const EVENT_PATTERN = /^[A-Za-z0-9_*?]{1,128}$/;

export const BACKENDS = ['simple', 'log'] as const;

export const SHIPPED_PLUGINS = ['insn', 'mem', 'bb', 'hotblocks'] as const;

/** The branch of jobs and imports that name a project and no branch. */
export const DEFAULT_BRANCH = 'main';

/** Limits on an uploaded instrumentation, plugin or patch series; an archive beyond any of them is refused whole. */
export const UPLOAD_LIMITS = {
  packedBytes: 1024 * 1024, // 1 MiB as sent
  unpackedBytes: 8 * 1024 * 1024, // 8 MiB counted while reading
  files: 64,
  depth: 4,
} as const;

/** p values up to this are a difference. */
export const SIGNIFICANCE = 0.05;

/** Time for all measured blocks of a job that says neither a time nor a number of blocks. */
export const WITHIN_DEFAULT = '5m';
