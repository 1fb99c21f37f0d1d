// SPDX-License-Identifier: GPL-2.0-or-later
import { ENDED_STATES, type Job } from '#contract/job.js';
import { finishCheck } from './github/check.js';
import { judge } from './gate.js';
import { jobPage } from './service.js';
import type { ActionContext } from './run.js';

export interface SavedState {
  readonly jobId: string;
  readonly checkId: string;
  readonly done: boolean;
}

/**
 * Runs after the step, however it ended: cancels a job that is still active and completes a check
 * run that is still in progress.
 */
export async function cleanUp(
  { settings, service, github, log, warn }: ActionContext,
  { jobId, checkId, done }: SavedState,
): Promise<void> {
  if (done || jobId === '') return;
  try {
    const job = await service.get<Job>(`/v1/jobs/${jobId}`);
    if (!ENDED_STATES.includes(job.state)) {
      await service.cancel(jobId);
      log.line(`job ${jobId} was still active after the step and has been cancelled`);
    }
    if (checkId !== '' && github !== null) {
      const page = jobPage(service.url, job);
      await finishCheck(github, {
        id: Number(checkId),
        judgement: judge({ type: 'cancelled', job, by: 'workflow' }, settings),
        page,
        annotations: [],
        sections: [{ title: 'headline', lines: ['The step ended before the measurement did.'] }],
      });
    }
  } catch (error) {
    warn(`job ${jobId} may still run: ${(error as Error).message}`);
  }
}
