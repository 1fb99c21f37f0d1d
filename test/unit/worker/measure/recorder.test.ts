// SPDX-License-Identifier: GPL-2.0-or-later
import type { Backend } from '#contract/variant.js';
import {
  lentPaths,
  recorderEnvironment,
  recorderOf,
  writesTrace,
} from '#worker/measure/recorder.js';
import { variantOf } from '#support/job-plan.js';

const backend = (name: Backend, record?: boolean) =>
  variantOf('backend', { backend: name, ...(record === undefined ? {} : { record }) });

test('only LTTng has programs beside the run, and without a session only one that clears up', () => {
  for (const name of ['simple', 'log', 'dtrace', 'ftrace', 'syslog'] as const)
    expect([recorderOf(backend(name)), recorderEnvironment(backend(name))]).toEqual([
      undefined,
      {},
    ]);
  const recording = recorderOf(backend('ust'))!;
  expect(recording.before).toContain('/instrumentation/events');
  expect(recording.after).toHaveLength(3);
  expect(recorderEnvironment(backend('ust'))).toMatchObject({ LTTNG_HOME: '/tmp/lttng' });

  expect(recorderOf(backend('ust', false))).toMatchObject({ before: [] });
  expect(recorderEnvironment(backend('ust', false))).toEqual({});
});

test('a run has a file of a trace if its backend writes one, or if it stores its trace', () => {
  expect(
    (['simple', 'log', 'ust', 'dtrace'] as const).map((name) => writesTrace(backend(name))),
  ).toEqual([true, true, false, false]);
  expect(writesTrace(backend('simple', false))).toBe(false);
  expect(writesTrace(variantOf('dynamic', { trace: true }))).toBe(true);
  expect(writesTrace(variantOf('dynamic'))).toBe(false);
});

test('a run sees a path of the host only for a backend that needs it', () => {
  expect(lentPaths(backend('ftrace', false))).toEqual({ hostPaths: ['/sys/kernel/tracing'] });
  expect(lentPaths(backend('syslog'))).toEqual({ hostPaths: ['/dev/log'] });
  for (const variant of [backend('syslog', false), backend('dtrace'), backend('ust')])
    expect(lentPaths(variant)).toEqual({});
});
