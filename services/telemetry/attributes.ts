// SPDX-License-Identifier: GPL-2.0-or-later
import type { Attributes } from './spans.js';

/**
 * Returns a job's span attributes. Names follow OpenTelemetry's semantic conventions for CI/CD
 * where these have one.
 */
export function jobAttributes(job: {
  readonly id: string;
  readonly name: string;
  readonly request: {
    readonly project?: string | null;
    readonly qemu?: { readonly version: string; readonly target: string };
  };
}): Attributes {
  const { project, qemu } = job.request;
  return {
    'cicd.pipeline.name': job.name,
    'cicd.pipeline.run.id': job.id,
    ...(project ? { 'qibench.project': project } : {}),
    ...(qemu === undefined
      ? {}
      : { 'qibench.qemu.version': qemu.version, 'qibench.qemu.target': qemu.target }),
  };
}
