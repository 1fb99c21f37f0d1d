// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target, TraceEvent } from '#contract/qemu.js';
import type { PlannedSide } from '#contract/side.js';
import type { WorkloadDefinition } from '#contract/workload.js';

/** Known targets and events of one QEMU version. */
interface CatalogueVersion {
  readonly targets: readonly Target[];
  readonly events: readonly TraceEvent[];
}

/** Facts about a source, which a worker found in its tree. */
export interface SourceFacts {
  /** Events of the target's emulator. */
  readonly events: readonly TraceEvent[];
  /** Version whose patches apply; null: none. */
  readonly port: string | null;
  /** Why none applies. */
  readonly reason: string;
}

/** The catalogue that a request is checked against. */
export interface Catalogue {
  /** Keyed by version, as in versions.json. */
  readonly versions: Readonly<Record<string, CatalogueVersion>>;
  readonly workloads: readonly WorkloadDefinition[];
  /** Facts about sources, keyed by sourceKey; absent: none is known. */
  readonly sources?: ReadonlyMap<string, SourceFacts>;
}

type PlannedQemu = PlannedSide['qemu'];

/** Returns the key of a side's source among the known ones. */
export function sourceKey({ version, target, source, patches, configure }: PlannedQemu): string {
  return JSON.stringify([version, target, source ?? null, patches, configure ?? []]);
}

/** Returns the facts about a side's source; null if it is a version's, or not known yet. */
export function factsOf({ sources }: Catalogue, qemu: PlannedQemu): SourceFacts | null {
  return qemu.source === undefined ? null : (sources?.get(sourceKey(qemu)) ?? null);
}

/** Returns whether a worker still has to look into a side's source. */
export function isOpen(catalogue: Catalogue, qemu: PlannedQemu): boolean {
  return qemu.source !== undefined && factsOf(catalogue, qemu) === null;
}
