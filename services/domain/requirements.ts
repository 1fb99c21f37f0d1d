// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target } from '#contract/qemu.js';
import type { Requires, WorkerRole } from '#contract/requires.js';

/** Requirements of a job on its workers. */
export interface Needs extends Requires {
  readonly target: Target;
  /** Whether the job is built and only needs to be measured. */
  readonly built: boolean;
}

/** Properties of a worker that jobs may require. */
export interface Offer {
  readonly role: WorkerRole;
  readonly targets: readonly Target[];
  readonly labels: readonly string[];
  /** Names of the available capabilities. */
  readonly capabilities: readonly string[];
  readonly cores: number;
}

/**
 * Explains why no running worker can take a job; null if some worker can. Claims follow the same
 * rule (services/store/claims.ts).
 *
 * @param workers The workers that run now.
 */
export function lackingWorker(needs: Needs, workers: readonly Offer[]): string | null {
  if (workers.length === 0) return 'no worker runs';
  return lackingMeasurer(needs, workers) ?? (needs.built ? null : lackingBuilder(needs, workers));
}

function lackingMeasurer(needs: Needs, workers: readonly Offer[]): string | null {
  const measuring = workers.filter(({ role }) => role !== 'build');
  if (measuring.length === 0) return 'no worker measures (all have the role "build")';
  const lacks = measuring.map((worker) => lackedBy(worker, needs));
  if (lacks.some((lacked) => lacked.length === 0)) return null;
  const nobodyHas = lacks[0]!.filter((what) => lacks.every((lacked) => lacked.includes(what)));
  return nobodyHas.length > 0
    ? `no worker has ${nobodyHas.join(', ')}`
    : `no worker has all of ${[...new Set(lacks.flat())].join(', ')}`;
}

/**
 * Explains why no worker can build the job: a worker of role "measure" needs a separate builder.
 */
function lackingBuilder(needs: Needs, workers: readonly Offer[]): string | null {
  const builds = workers.some((worker) =>
    worker.role === 'both'
      ? lackedBy(worker, needs).length === 0
      : worker.role === 'build' && worker.targets.includes(needs.target),
  );
  return builds
    ? null
    : 'no worker builds it (the workers that could measure it have the role "measure")';
}

function lackedBy({ targets, labels, capabilities, cores }: Offer, needs: Needs): string[] {
  return [
    ...(targets.includes(needs.target) ? [] : [`target ${needs.target}`]),
    ...needs.labels.filter((label) => !labels.includes(label)).map((label) => `label ${label}`),
    ...needs.capabilities
      .filter((capability) => !capabilities.includes(capability))
      .map((capability) => capability),
    ...(cores >= needs.cores ? [] : [`${needs.cores} CPUs to measure on`]),
  ];
}
