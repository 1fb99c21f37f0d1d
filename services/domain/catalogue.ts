// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target, TraceEvent } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';

/** Known targets and events of one QEMU version. */
interface CatalogueVersion {
  readonly targets: readonly Target[];
  readonly events: readonly TraceEvent[];
}

/** The catalogue that a request is checked against. */
export interface Catalogue {
  /** Keyed by version, as in versions.json. */
  readonly versions: Readonly<Record<string, CatalogueVersion>>;
  readonly workloads: readonly WorkloadDefinition[];
}
