// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Constants of the contract that are needed without its schemas: the dashboard loads no schema
 * library.
 */

/** `sha256:` and 64 hexadecimal digits. */
export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

/** A name or a glob of events. */
export const EVENT_PATTERN = /^[A-Za-z0-9_*?]{1,128}$/;

/** QEMU's own trace backends. */
export const BACKENDS = ['simple', 'log', 'ust', 'dtrace', 'ftrace', 'syslog'] as const;

export const SHIPPED_PLUGINS = ['insn', 'mem', 'bb', 'hotblocks'] as const;

/** The branch of jobs and imports that name a project and no branch. */
export const DEFAULT_BRANCH = 'main';

/**
 * Limits on an uploaded instrumentation, plugin or patch series. An archive beyond any of them is
 * rejected as a whole.
 */
export const UPLOAD_LIMITS = {
  packedBytes: 1024 * 1024, // 1 MiB as sent
  unpackedBytes: 8 * 1024 * 1024, // 8 MiB counted while reading
  files: 64,
  depth: 4,
} as const;

/**
 * Limits on an uploaded workload, which is sent in chunks. A file is cut every `chunkBytes`; its
 * last chunk may be shorter.
 */
export const WORKLOAD_LIMITS = {
  chunkBytes: 1024 * 1024,
  packedChunkBytes: 1024 * 1024 + 1024, // gzip may add bytes to a chunk
  packedBytes: 512 * 1024 * 1024, // all distinct chunks, compressed
  unpackedBytes: 2 * 1024 * 1024 * 1024, // all files, and also what a build of it leaves
  jobBytes: 4 * 1024 * 1024 * 1024, // unpacked, all uploaded workloads of a job
  files: 1024,
  depth: 8,
  definitionBytes: 16 * 1024, // workload.yaml
  digestsAtOnce: 2048, // in a question for missing chunks
} as const;

/** Limits on an uploaded source tree of QEMU: a tar, which is sent in chunks. */
export const SOURCE_LIMITS = { packedBytes: 256 * 1024 * 1024 } as const;

/** Significance level: p values up to this count as a difference. */
export const SIGNIFICANCE = 0.05;

/** Default time for all measured blocks, for a job with neither a time nor a number of blocks. */
export const WITHIN_DEFAULT = '5m';

/** Options of QEMU that a sweep can name without a placeholder in an argument. */
export const SWEPT_OPTIONS = ['smp', 'm', 'cpu', 'icount'] as const;

/** Name under which a sweep of events keeps the event of a variant. */
export const SWEPT_EVENT = 'event';
