// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorEntry } from './entry.js';

/** Errors of builds: sources, patches, QEMU, instrumentation, plugins and workloads. */
export const BUILD_ERRORS = {
  COMPILE_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: '{what} does not compile: {first}',
  },
  INSTRUMENTATION_MISSING_OUTPUT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: "the instrumentation's Makefile did not create {file}",
  },
  PLUGIN_MISSING_OUTPUT: {
    kind: 'user',
    http: 422,
    retry: false,
    text: "the Makefile of variant {variant}'s plugin did not create {file}",
  },
  WORKLOAD_BUILD_FAILED: {
    kind: 'workload',
    http: 422,
    retry: false,
    text: 'workload {workload} did not build: {lastLine}',
  },
  PATCH_FAILED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'patch {patch} does not apply to QEMU {version}: {reason}',
  },
  PATCH_CONFLICT: {
    kind: 'user',
    http: 422,
    retry: false,
    text:
      "patch {patch} changes {files}, which qibench's patch {own} changes too, " +
      'and the two conflict: {reason}',
  },
  OWN_PATCH_FAILED: {
    kind: 'bug',
    http: 500,
    retry: false,
    text: "qibench's patch {patch} does not apply to {source}: {reason}",
  },
  PORT_MISSING: {
    kind: 'user',
    http: 422,
    retry: false,
    text:
      'all variants need the port of trace instrumentation, and none applies to {source}: {reason}; ' +
      'modes "none", "plugin" and "backend" need none',
  },
  SOURCE_UNAVAILABLE: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'the source {source} could not be fetched: {reason}',
  },
  SOURCE_REFUSED: {
    kind: 'user',
    http: 422,
    retry: false,
    text: 'the source {source} cannot be used: {reason}',
  },
  SOURCE_DIGEST_MISMATCH: {
    kind: 'infra',
    http: 502,
    retry: false,
    text: 'the source {name} has digest {actual}, versions.json says {expected}',
  },
  QEMU_BUILD_FAILED: {
    kind: 'bug',
    http: 500,
    retry: false,
    text: 'QEMU {version} did not build ({step}): {lastLine}',
  },
  IMAGE_BUILD_FAILED: {
    kind: 'infra',
    http: 503,
    retry: true,
    text: 'image {image} did not build: {lastLine}',
  },
} as const satisfies Record<string, ErrorEntry>;
