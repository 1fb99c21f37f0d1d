// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobEvent } from '#contract/job-event.js';
import type { Job } from '#contract/job.js';
import { blockWords } from '#contract/progress-words.js';
import type { Client } from './client.js';
import { jobEvents } from './event-stream.js';
import { printable } from '#client/printable.js';

const PLAIN_INTERVAL_MS = 10_000;
/** Time after which a running step is shown. Most cached steps end sooner. */
const STEP_DELAY_MS = 1_000;

/**
 * Shows the events of a job until it ends. Finished steps keep their line; on a terminal, the
 * current step is redrawn. Cached steps together have one line.
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
  const steps = new Steps(line, (text) => status(text, true));
  const clock = output.isTTY ? setInterval(() => status(current), 1_000) : null;
  try {
    for await (const event of jobEvents(client, jobId)) show(event, steps, line, status);
  } finally {
    steps.flush();
    if (clock !== null) clearInterval(clock);
    output.write(clear);
  }
  return client.get<Job>(`/v1/jobs/${jobId}`);
}

/** Shows a step once it has lasted a while, and counts cached steps. */
class Steps {
  #cached = 0;
  #delay: NodeJS.Timeout | undefined;

  constructor(
    private readonly line: (text: string) => void,
    private readonly status: (text: string) => void,
  ) {}

  started(text: string): void {
    clearTimeout(this.#delay);
    this.#delay = setTimeout(() => this.status(text), STEP_DELAY_MS);
  }

  cached(): void {
    clearTimeout(this.#delay);
    this.#cached += 1;
  }

  /** Ends the current step, and shows the number of cached steps before it. */
  flush(): void {
    clearTimeout(this.#delay);
    if (this.#cached > 0)
      this.line(`${this.#cached} ${this.#cached === 1 ? 'step' : 'steps'} from the cache`);
    this.#cached = 0;
  }
}

function show(
  { body }: JobEvent,
  steps: Steps,
  line: (text: string) => void,
  status: (text: string, force?: boolean) => void,
): void {
  if (body.type === 'step-started') return steps.started(`${body.step}: ${body.what}`);
  if (body.type === 'step-finished' && body.cached) return steps.cached();
  if (body.type !== 'step-progress') steps.flush();
  switch (body.type) {
    case 'state':
      return line(body.state);
    case 'step-progress':
      return status(`${body.step}: ${body.what}, ${body.done}/${body.total}`);
    case 'step-finished':
      return line(`${body.step}: ${body.what} done in ${(body.durationMs / 1000).toFixed(1)} s`);
    case 'block':
      return status(blockWords(body));
  }
}
