// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { JobRequest } from '#contract/job.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { planJob } from '#domain/plan.js';
import type { Catalogue } from '#domain/catalogue.js';

const event = (name: string, ...properties: string[]) => ({
  name,
  directory: '',
  arguments: [],
  properties,
  kinds: ['softmmu' as const],
});
const parameter = (value: number, minimum: number, maximum: number) => ({
  description: '',
  type: 'integer',
  unit: 'writes',
  default: value,
  minimum,
  maximum,
  stage: 'run',
});

/** Two workloads, and events of one version. */
export const CATALOGUE: Catalogue = {
  versions: {
    '7.2': {
      targets: ['x86_64-softmmu'],
      events: [
        event('memory_region_ops_read'),
        event('memory_region_ops_write'),
        event('cpu_in', 'disable'),
        event('guest_mem_before', 'vcpu'),
        { ...event('target_mmap'), kinds: ['linux-user'] },
      ],
    },
  },
  workloads: [
    WorkloadDefinition.parse({
      name: 'port-writes',
      summary: '',
      targets: ['x86_64-softmmu'],
      parameters: { writes: parameter(1000, 1, 5000), ports: parameter(1, 1, 4) },
      size: { parameter: 'writes', empty: 1 },
      run: { arguments: [], exitStatus: 33, timeoutSeconds: 60 },
    }),
    WorkloadDefinition.parse({
      name: 'user-loop',
      summary: '',
      targets: ['x86_64-linux-user'],
      run: { arguments: [], exitStatus: 0, timeoutSeconds: 5, vcpus: 4 },
    }),
  ],
};

/** A valid request for this catalogue, with optional overrides. */
export const planRequest = (changes: object = {}): JobRequest =>
  JobRequest.parse({
    name: 'job',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_*'],
    variants: ['none', 'idle', { mode: 'backend', backend: 'simple', trace: true }],
    workloads: [{ name: 'port-writes' }],
    ...changes,
  });

/** Returns the error with which planning refuses a request. */
export function refusal(changes: object): QibenchError {
  try {
    planJob(planRequest(changes), CATALOGUE, 1);
  } catch (error) {
    if (error instanceof QibenchError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}
