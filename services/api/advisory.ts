// SPDX-License-Identifier: GPL-2.0-or-later
import { advisoryReasons, calibrate } from '#domain/calibration.js';
import { listHosts } from '#store/hosts.js';
import type { Store } from '#store/store.js';

/** Returns the reasons why verdicts on these hosts are only advisory; empty if they are not. */
export async function advisoryReasonsFor(
  store: Store,
  hostFingerprints: readonly string[],
): Promise<string[]> {
  return advisoryReasons(
    (await listHosts(store, hostFingerprints)).map(({ digest, alarms }) => ({
      digest,
      ...calibrate(alarms),
    })),
  );
}
