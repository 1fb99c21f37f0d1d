// SPDX-License-Identifier: GPL-2.0-or-later
import type { Sample } from '#contract/sample.js';
import type { NewSample } from '#store/samples.js';

/** A sample of a run of `none` with the workload `w` in block 1, with optional overrides. */
export function sampleOf(details: Partial<Sample> = {}): Sample {
  return {
    id: '1',
    kind: 'timed',
    variant: 'none',
    side: 'head',
    workload: 'w',
    batch: 1,
    block: 1,
    position: 0,
    group: 0,
    size: 'full',
    sizeValue: null,
    link: null,
    cpus: '',
    environmentBytes: 0,
    stackBytes: 0,
    wallNs: '1000',
    userNs: '1000',
    systemNs: '0',
    maxRssBytes: '5',
    minorFaults: '0',
    majorFaults: '0',
    voluntarySwitches: '0',
    involuntarySwitches: '0',
    exitStatus: 0,
    metrics: [],
    events: null,
    hostInstructions: null,
    guestInstructions: null,
    noise: null,
    recordsStored: null,
    recordsDropped: null,
    traceId: null,
    hostFingerprint: 'h1',
    buildKey: 'k',
    startedAt: '2026-01-01T00:00:00.000Z',
    ...details,
  };
}

/** A sample in the form that a worker records: the store assigns its id. */
export function newSampleOf(details: Partial<Sample> = {}): NewSample {
  const { id: _id, traceId: _traceId, ...sample } = sampleOf(details);
  return sample;
}
