// SPDX-License-Identifier: GPL-2.0-or-later
import { delayMs } from '#client/retry.js';
import { asQibenchError } from '#contract/error.js';
import { repeat } from '#queue/repeat.js';
import { listen } from '#store/listen.js';
import { toUnavailable } from '#store/outage.js';
import {
  advanceDelivery,
  claimDelivery,
  CLAIM_SECONDS,
  postponeDelivery,
  renewClaim,
  WEBHOOK_CHANNEL,
  type ClaimedDelivery,
} from '#store/webhooks.js';
import type { Log } from '#telemetry/log.js';
import type { Service } from '../service.js';
import { GitHubError } from './github-error.js';
import type { WebhookSettings } from './settings.js';
import { takeStep, type StepContext } from './steps.js';

const LOOK_MS = 2_000;
const LONGEST_DELAY_MS = 600_000;
/** Attempts per step. With the delays between them they take about an hour. */
const ATTEMPTS = 15;

/**
 * Starts the loop that takes the steps of deliveries, one at a time: on every notification and
 * every LOOK_MS. Any number of processes may run it.
 * @returns Function that stops the loop.
 */
export async function startDeliveries(
  service: Service,
  settings: WebhookSettings,
  parentLog: Log,
): Promise<() => Promise<void>> {
  const log = parentLog.child({ task: 'webhooks' });
  const stopping = new AbortController();
  const context: StepContext = { service, settings, signal: stopping.signal };
  const loop = repeat(
    LOOK_MS,
    async () => {
      for (
        let claim = await claimDelivery(service.store);
        claim !== null;
        claim = await claimDelivery(service.store)
      ) {
        await attempt(context, claim, log);
        if (stopping.signal.aborted) return;
      }
    },
    log,
  );
  const unlisten = await listen(service.store, WEBHOOK_CHANNEL, loop.wake);
  return async () => {
    stopping.abort(new Error('the API is stopping'));
    await unlisten();
    await loop.stop();
  };
}

/**
 * Attempts a step. Retries a transient error. Any other error ends the delivery: as `refused`,
 * which a comment reports, or as `failed`.
 */
async function attempt(context: StepContext, claim: ClaimedDelivery, log: Log): Promise<void> {
  const { store } = context.service;
  const { delivery, state, attempts } = claim;
  const renewal = setInterval(
    () => void renewClaim(store, claim).catch(() => undefined),
    (CLAIM_SECONDS * 1000) / 4,
  );
  try {
    await takeStep(context, claim);
    log.info({ delivery, state, attempts }, 'delivery step taken');
  } catch (error) {
    const known = asQibenchError(toUnavailable(error));
    if (known.retry && attempts < ATTEMPTS) {
      log.warn({ err: known, delivery, state, attempts }, 'delivery step failed, will be retried');
      return await postponeDelivery(
        store,
        claim,
        known.toBody(),
        delayMs(
          attempts - 1,
          error instanceof GitHubError ? error.waitMs : null,
          Math.random,
          LONGEST_DELAY_MS,
        ),
      );
    }
    log.error({ err: known, delivery, state, attempts }, 'delivery step failed permanently');
    await advanceDelivery(store.pool, claim, {
      state: state === 'received' ? 'refused' : 'failed',
      error: known.toBody(),
    });
  } finally {
    clearInterval(renewal);
  }
}
