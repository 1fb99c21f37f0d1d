// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile } from '#contract/profile.js';
import { shownVariant } from '#contract/side.js';
import type { Prepared } from '../../build/build-job.js';
import type { JobContext } from '../../job/job-context.js';
import type { Measured } from '../measure-run.js';
import type { Run } from '../run.js';
import { missingProfile, profileRuns } from './profile-runs.js';
import { isProfileLost, readProfile } from './read-profile.js';

/** Runs variants with the sizes that the job has chosen. */
interface Runs {
  run(run: Run): Promise<Measured>;
  sizeValueOf(run: Run): number | null;
}

/** Profiles one run of every variant with every workload. The log has the runs without a profile. */
export async function profileJob(
  { context, job, results }: JobContext,
  { variants }: Pick<Prepared, 'variants'>,
  measuring: Runs,
): Promise<void> {
  const { runs, skipped } = profileRuns(
    job,
    (variant) => variants.get(shownVariant(variant))!.recipe.qemu.version,
  );
  const log = (text: string) => context.progress.log('measure', text);
  skipped.forEach(log);
  for (const run of runs)
    try {
      await using measured = await measuring.run(run);
      await results.profiled({
        ...factsOf(run, measured),
        ...(await readProfile(context, measured.container)),
        sizeValue: measuring.sizeValueOf(run),
      });
    } catch (error) {
      if (!isProfileLost(error)) throw error;
      log(missingProfile(run, error.message));
    }
}

function factsOf(
  { variant, workload }: Run,
  { events, startedAt }: Measured,
): Pick<Profile, 'variant' | 'side' | 'workload' | 'method' | 'unit' | 'events' | 'takenAt'> {
  const counts = Object.values(events ?? {});
  return {
    variant: variant.name,
    side: variant.side,
    workload: workload.label,
    method: 'callgrind',
    unit: 'instructions',
    events:
      events === null ? null : counts.reduce((sum, count) => sum + BigInt(count), 0n).toString(),
    takenAt: startedAt,
  };
}
