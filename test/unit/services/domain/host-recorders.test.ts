// SPDX-License-Identifier: GPL-2.0-or-later
import type { Backend, VariantRequest } from '#contract/variant.js';
import type { Worker } from '#contract/worker.js';
import { capabilitiesOf, checkRecording } from '#domain/host-recorders.js';
import { variantOf } from '#support/job-plan.js';

const backend = (name: Backend, record?: boolean): VariantRequest => ({
  mode: 'backend',
  backend: name,
  trace: false,
  ...(record === undefined ? {} : { record }),
});
type Offer = Pick<Worker, 'role' | 'lost' | 'capabilities'>;
const workerWith = (reason: string | null, details: Partial<Offer> = {}): Offer => ({
  role: 'both',
  lost: false,
  capabilities: [{ name: 'syslog', available: reason === null, reason }],
  ...details,
});

test('a backend that records with a part of the host needs its capability, and ftrace always does', () => {
  const needs = (...names: [Backend, boolean?][]) =>
    capabilitiesOf(
      names.map(([name, record]) =>
        variantOf('backend', { backend: name, ...(record === undefined ? {} : { record }) }),
      ),
    );

  expect(needs(['simple'], ['log'], ['ust'], ['dtrace', false], ['syslog', false])).toEqual([]);
  expect(needs(['dtrace'], ['syslog', true], ['ftrace', false], ['ftrace'])).toEqual([
    'dtrace',
    'syslog',
    'ftrace',
  ]);
});

test('a variant that no running worker can record is refused with the reasons of the workers', () => {
  const check = (...workers: Offer[]) => checkRecording(['none', backend('syslog')], workers);

  expect(() => check(workerWith('/dev/log is missing'), workerWith('not named'))).toThrow(
    'variants.1.backend: no worker can run QEMU\'s backend "syslog": /dev/log is missing; not named',
  );
  expect(() => check(workerWith('gone'), workerWith(null, { role: 'build' }))).toThrow(': gone');
  expect(() => check(workerWith('gone'), workerWith(null, { lost: true }))).toThrow(': gone');
  expect(() => check(workerWith(null, { capabilities: [] }))).toThrow('its version lacks it');
});

test('a job waits for a worker where none runs, and is accepted where one of them can record', () => {
  expect(() => checkRecording([backend('syslog')], [])).not.toThrow();
  expect(() =>
    checkRecording([backend('syslog')], [workerWith('gone'), workerWith(null)]),
  ).not.toThrow();
  expect(() =>
    checkRecording([backend('syslog', false), backend('ust')], [workerWith('gone')]),
  ).not.toThrow();
});
