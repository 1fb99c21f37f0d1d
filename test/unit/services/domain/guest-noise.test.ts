// SPDX-License-Identifier: GPL-2.0-or-later
import { guestNoiseOf } from '#domain/guest-noise.js';
import { plannedWorkload } from '#support/job-plan.js';
import { untilDecided } from '#support/example-report.js';

test('the noise of a guest is shared unless arguments or a label of the job change it', () => {
  const {
    job: { plan },
    samples,
  } = untilDecided(24);
  const [workload] = plan.workloads;
  const noiseOf = (label: string, details: object = {}) =>
    guestNoiseOf(
      { ...plan, workloads: [plannedWorkload(label, details)] },
      'x86_64-softmmu',
      samples.map((sample) => ({ ...sample, workload: label })),
    ).map((guest) => guest.workload);

  expect(noiseOf(workload!.label)).toEqual([workload!.label]);
  expect(noiseOf('port-io writes=10 ports=-2')).toEqual(['port-io writes=10 ports=-2']);
  expect(noiseOf('port-io', { qemu: { arguments: ['-icount', 'shift=0'] } })).toEqual([]);
  expect(noiseOf('The secret project')).toEqual([]);
  expect(noiseOf('port-io cpu=max')).toEqual([]);
});
