import type { Attributes } from './spans.js';

/** What spans say of a job, by OpenTelemetry's semantic conventions of CI/CD as far as those have a name for it. */
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
