import { advisoryReasons, calibrate } from '../domain/calibration.js';
import { listHosts } from '../store/hosts.js';
import type { Store } from '../store/store.js';

/** Why verdicts made on these hosts only advise; empty where they do more. */
export async function reasonsAgainst(
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
