// SPDX-License-Identifier: GPL-2.0-or-later
import { recordsByBackend, type Variant } from '#contract/variant.js';
import { capabilityOf } from '#domain/host-recorders.js';
import type { ContainerSpec } from '../engine/engine.js';
import { HOST_PATHS } from '../host/capabilities.js';
import { RUN_PATHS } from './command.js';
import type { Recorder } from './runner-protocol.js';

/** Folder of LTTng's daemons, in the container's /tmp, with the trace. */
const LTTNG_HOME = '/tmp/lttng';

/**
 * Starts LTTng's session daemon as the run's own user, and a session with the events of the file.
 *
 * All events of QEMU are too long for one argument of a program.
 *
 * LTTng allocates its buffers for every CPU of the host in /dev/shm: four of 512 KiB, its default,
 * and smaller ones where all of them would take more than 32 MiB.
 */
const START_LTTNG = `
set -e
exec > /dev/null
mkdir "$LTTNG_HOME"
lttng-sessiond --daemonize --no-kernel
cpus=$(getconf _NPROCESSORS_CONF) size=524288
while test $((4 * size * cpus)) -gt 33554432; do size=$((size / 2)); done
lttng create run --output="$LTTNG_HOME/trace"
lttng enable-channel --userspace --session=run --subbuf-size=$size --num-subbuf=4 events
sed 's/^/qemu:/' "$1" | xargs -n 500 | tr ' ' , | while read -r some; do
  lttng enable-event --userspace --session=run --channel=events "$some"
done
lttng start run
`;

/**
 * Ends the session, counts its events, and removes what is left. `lttng stop` waits until the trace
 * is complete.
 */
const COUNT_LTTNG = `
set -e
lttng stop run > /dev/null
test "$(df --output=avail --block-size=1M /tmp | tail -n 1)" -gt 8 || {
  echo "the trace of LTTng does not fit into /tmp"
  exit 1
}
lost=$(lttng list run | sed -n 's/.*Discarded events: *\\([0-9]*\\).*/\\1/p')
lttng destroy run > /dev/null
daemon=$(cat "$LTTNG_HOME/.lttng/lttng-sessiond.pid")
kill "$daemon"
while kill -0 "$daemon" 2> /dev/null; do sleep 0.05; done
counts=
test ! -d "$LTTNG_HOME/trace/ust" ||
  counts=$(babeltrace2 "$LTTNG_HOME/trace" --component=sink.utils.counter --params=step=+0)
recorded=$(echo "$counts" | sed -n 's/^ *\\([0-9]*\\) Event message.*/\\1/p')
echo "QIBENCH trace.recorded=\${recorded:-0} count"
echo "QIBENCH trace.lost=\${lost:-0} count"
rm -r "$LTTNG_HOME"
rm -f /dev/shm/lttng-ust-wait-*
`;

/** Removes the page that the library of LTTng makes to wait for a daemon. */
const CLEAR_LTTNG = 'rm -f /dev/shm/lttng-ust-wait-*';

type Recording = Pick<Variant, 'mode' | 'backend' | 'record'>;

/** Returns the programs that run before and after a run of the variant; undefined: none. */
export function recorderOf(variant: Recording): Recorder | undefined {
  if (variant.backend !== 'ust') return undefined;
  return recordsByBackend(variant)
    ? {
        before: ['sh', '-c', START_LTTNG, 'sh', RUN_PATHS.traceEvents],
        after: ['sh', '-c', COUNT_LTTNG],
      }
    : { before: [], after: ['sh', '-c', CLEAR_LTTNG] };
}

/**
 * Environment of a run that LTTng records. Without the second variable, QEMU would go on after three
 * seconds without the session, and events would be missing without a count.
 */
const LTTNG_ENVIRONMENT = { LTTNG_HOME, LTTNG_UST_REGISTER_TIMEOUT: '-1' };

/** Returns the environment that QEMU and the recorder of a variant need. */
export function recorderEnvironment(variant: Recording): Record<string, string> {
  return variant.backend === 'ust' && recordsByBackend(variant) ? LTTNG_ENVIRONMENT : {};
}

/** Returns whether the runs of a variant write the file of a trace. */
export function writesTrace(variant: Recording & Pick<Variant, 'trace'>): boolean {
  const { backend } = variant;
  return (
    variant.trace || (recordsByBackend(variant) && (backend === 'simple' || backend === 'log'))
  );
}

/** Returns the part of the host that the runs of a variant need, as a field of their container. */
export function lentPaths(variant: Recording): Pick<ContainerSpec, 'hostPaths'> {
  switch (capabilityOf(variant)) {
    case 'ftrace':
      return { hostPaths: [HOST_PATHS.tracefs] };
    case 'syslog':
      return { hostPaths: [HOST_PATHS.systemLog] };
    default:
      return {};
  }
}
