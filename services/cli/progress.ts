// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobEvent } from '#contract/job-event.js';
import type { Job } from '#contract/job.js';
import { blockWords } from '#contract/progress-words.js';
import type { Client } from './client.js';
import { jobEvents } from './event-stream.js';
import { printable } from '#client/printable.js';

const PLAIN_INTERVAL_MS = 10_000;

/**
 * Shows the events of a job until it ends. Finished steps keep their line; on a terminal, the
 * current step is redrawn.
 */
export async function followJob(
  client: Client,
  jobId: string,
  output: NodeJS.WriteStream,
): Promise<Job> {
  const startedMs = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`.padStart(6);
  let current = '';
  let lastPlainMs = 0;
  const clear = output.isTTY ? '\r\u001b[K' : '';
  const line = (text: string) => output.write(`${clear}${seconds()}  ${printable(text)}\n`);
  const status = (text: string, force = false) => {
    current = text;
    if (output.isTTY)
      output.write(
        `${clear}${seconds()}  ${printable(text).slice(0, Math.max(20, (output.columns ?? 80) - 10))}`,
      );
    else if (force || Date.now() - lastPlainMs > PLAIN_INTERVAL_MS) {
      lastPlainMs = Date.now();
      line(text);
    }
  };
  const clock = output.isTTY ? setInterval(() => status(current), 1_000) : null;
  try {
    for await (const event of jobEvents(client, jobId)) show(event, line, status);
  } finally {
    if (clock !== null) clearInterval(clock);
    output.write(clear);
  }
  return client.get<Job>(`/v1/jobs/${jobId}`);
}

function show(
  { body }: JobEvent,
  line: (text: string) => void,
  status: (text: string, force?: boolean) => void,
): void {
  switch (body.type) {
    case 'state':
      return line(body.state);
    case 'step-started':
      return status(`${body.step}: ${body.what}`, true);
    case 'step-progress':
      return status(`${body.step}: ${body.what}, ${body.done}/${body.total}`);
    case 'step-finished':
      return body.cached
        ? undefined
        : line(`${body.step}: ${body.what} done in ${(body.durationMs / 1000).toFixed(1)} s`);
    case 'block':
      return status(blockWords(body));
  }
}
