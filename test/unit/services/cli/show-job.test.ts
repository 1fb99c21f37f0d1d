// SPDX-License-Identifier: GPL-2.0-or-later
import { refusedLines } from '#cli/show-job.js';
import { jobPlan } from '#support/job-plan.js';

test('a job shows the variants that it leaves out, with the reject', () => {
  const reason = 'patch 0001.patch for QEMU 7.2: x.c: Hunk #1 FAILED at 3.';
  const plan = jobPlan({ refused: [{ variant: 'idle', side: 'base', reason }] });

  expect(refusedLines({ plan })).toEqual([
    `refused: idle@base, which needs a port; none applies: ${reason}`,
  ]);
  expect(refusedLines({ plan: jobPlan() })).toEqual([]);
});
