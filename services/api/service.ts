// SPDX-License-Identifier: GPL-2.0-or-later
import type { QemuVersion } from '#contract/qemu.js';
import type { Catalogue } from '#domain/catalogue.js';
import type { Store } from '#store/store.js';
import type { TraceLimits } from '#store/trace-retention.js';
import type { Telemetry } from '#telemetry/telemetry.js';
import type { Compute } from './compute/compute.js';
import type { AccessSettings } from './settings.js';
import type { WebhookSettings } from './webhook/settings.js';

/** Everything that the routes of the API work with. */
export interface Service {
  readonly store: Store;
  readonly compute: Compute;
  readonly catalogue: Catalogue & { qemu: readonly QemuVersion[] };
  readonly queueHealthy: () => Promise<boolean>;
  readonly version: string;
  readonly telemetry: Telemetry;
  /** Names of the migrations that this version needs. */
  readonly migrations: readonly string[];
  readonly accessSettings: AccessSettings;
  /** Path below which a proxy serves this service, without a slash at its end; empty: the root. */
  readonly basePath: string;
  readonly traceLimits: TraceLimits;
  /** Folder of the built dashboard. */
  readonly dashboardDir: string;
  /** Null if this service does not receive GitHub's webhooks. */
  readonly webhook: WebhookSettings | null;
  /** Registers a callback for changes to a job. Returns the function that removes it. */
  readonly onJobNews: (jobId: string, callback: () => void) => () => void;
}
