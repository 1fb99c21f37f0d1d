// SPDX-License-Identifier: GPL-2.0-or-later
import { setTimeout } from 'node:timers/promises';
import { QibenchError } from '#contract/error.js';
import type { Metric } from '#contract/sample.js';
import type { Mount } from '../engine/engine.js';
import { RUN_LIMITS, type StepContext } from '../step-context.js';
import { RUN_PATHS } from './command.js';

/**
 * Attaches bpftrace to the probes of the events that the emulator has, counts them until a line comes
 * on standard input, and prints the count. Argument: the emulator, as this container sees it. The
 * program is a file, since all events of QEMU are too long for an argument.
 */
const COUNT_PROBES = `
bpftrace -l "usdt:$1:qemu:*" | sort -u > /tmp/probes
sed "s|^|usdt:$1:qemu:|" ${RUN_PATHS.traceEvents} | grep -Fx -f /tmp/probes | paste -sd, > /tmp/wanted
grep -q . /tmp/wanted || { echo "the emulator has no probe of the events"; exit 1; }
{
  printf '%s\\n' 'BEGIN { printf("attached\\n"); }'
  cat /tmp/wanted
  printf '%s\\n' '{ @recorded = count(); } END { printf("detached\\n"); }'
} > /tmp/program
bpftrace /tmp/program &
read -r line
kill -INT $!
wait $!
`;

/** Limit for attaching, and for the answer after the run. */
const LIMIT_MS = 120_000;
const OUTPUT_CHARACTERS = 64 * 1024;
const ATTACHED = /^attached$/m;
const DETACHED = /^detached$/m;
/** Without an event bpftrace prints no value. */
const RECORDED = /^@recorded: (\d+)$/m;

/** A container that traces the programs of another one. */
export interface Tracer extends AsyncDisposable {
  /**
   * Detaches and returns what was recorded.
   * @throws {RECORDER_FAILED} The tracer ended without a count.
   */
  recorded(): Promise<Metric[]>;
}

/** Inputs of a tracer. */
interface TracerInputs {
  readonly image: string;
  /** Id of the container whose programs are traced. */
  readonly beside: string;
  /** Path of the emulator in that container. */
  readonly emulator: string;
  /** Mount with the list of events. */
  readonly mount: Mount;
  /** Names of the run, for errors. */
  readonly names: { readonly workload: string; readonly variant: string };
}

/**
 * Attaches a tracer to the probes of an emulator; the caller disposes it.
 * @throws {RECORDER_FAILED} The kernel refuses, or the emulator lacks the probes.
 */
export async function openTracer(
  { backend, labels, signal }: Pick<StepContext, 'backend' | 'labels' | 'signal'>,
  { image, beside, emulator, mount, names }: TracerInputs,
): Promise<Tracer> {
  signal.throwIfAborted();
  const container = await backend.create({
    ...RUN_LIMITS,
    image,
    command: ['sh', '-c', COUNT_PROBES, 'sh', `/proc/1/root${emulator}`],
    user: '0:0',
    workingDir: '/',
    // Every event of QEMU can be selected.
    environment: { BPFTRACE_MAX_PROBES: '65536' },
    network: 'none',
    readOnlyRoot: true,
    interactive: true,
    mounts: [mount],
    traces: beside,
    labels,
  });
  let output = '';
  const failed = (what: string) => {
    const reason = `${what}: ${output.trim().split('\n').slice(-3).join(' | ') || '(no output)'}`;
    return new QibenchError('RECORDER_FAILED', { ...names, reason });
  };
  try {
    let resolveAttached!: () => void;
    const attached = new Promise<void>((resolve) => (resolveAttached = resolve));
    const channel = await backend.open(container, (_, chunk) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS);
      if (ATTACHED.test(output)) resolveAttached();
    });
    await withinLimit(Promise.race([attached, channel.ended]));
    if (!ATTACHED.test(output)) throw failed('bpftrace did not attach');
    return {
      async recorded() {
        channel.write(Buffer.from('\n'));
        await withinLimit(channel.ended);
        if (!DETACHED.test(output)) throw failed('bpftrace did not count');
        const count = RECORDED.exec(output)?.[1] ?? '0';
        return [{ name: 'trace.recorded', value: Number(count), unit: 'count' }];
      },
      [Symbol.asyncDispose]: () => backend.remove(container),
    };
  } catch (error) {
    await backend.remove(container);
    throw error;
  }
}

/** Waits for a promise, and not longer than LIMIT_MS. */
async function withinLimit(promise: Promise<unknown>): Promise<void> {
  await Promise.race([promise, setTimeout(LIMIT_MS, undefined, { ref: false })]);
}
