// SPDX-License-Identifier: GPL-2.0-or-later
import { serverSentEvents } from '#client/server-sent-events.js';
import { JobEvent } from '#contract/job-event.js';
import { ServiceError, type Client } from './client.js';

const ATTEMPTS = 30;

/** Yields the events of a job until it ends. Reconnects after the last event if necessary. */
export async function* jobEvents(client: Client, jobId: string): AsyncGenerator<JobEvent> {
  let sequence = 0;
  for (let failures = 0; failures < ATTEMPTS; failures++) {
    try {
      const response = await client.open(`/v1/jobs/${jobId}/events`, {
        'last-event-id': String(sequence),
      });
      for await (const data of serverSentEvents(response.body!)) {
        const event = JobEvent.parse(JSON.parse(data));
        sequence = event.sequence;
        failures = 0;
        yield event;
        if (
          event.body.type === 'state' &&
          ['succeeded', 'failed', 'cancelled'].includes(event.body.state)
        )
          return;
      }
    } catch (error) {
      if (error instanceof ServiceError && error.kind === 'user') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new ServiceError('the connection to the service was lost', [], 'infra', 'UNAVAILABLE');
}
