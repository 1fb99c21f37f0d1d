// SPDX-License-Identifier: GPL-2.0-or-later
import type { VariantCode } from '#contract/machine-code.js';
import type { Profile } from '#contract/profile.js';
import { emulatorName } from '#contract/qemu.js';
import { shownVariant } from '#contract/side.js';
import { hotTracePoints } from '#domain/profile/trace-point-code.js';
import type { NewProfile } from '#store/profiles.js';
import type { Prepared } from '../../build/build-job.js';
import type { JobContext } from '../../job/job-context.js';
import type { Measured } from '../measure-run.js';
import type { Run } from '../run.js';
import { machineCode } from './machine-code.js';
import { missingProfile, profileRuns } from './profile-runs.js';
import { isProfileLost, readProfile } from './read-profile.js';

/** Runs variants with the sizes that the job has chosen. */
interface Runs {
  run(run: Run): Promise<Measured>;
  sizeValueOf(run: Run): number | null;
}

/**
 * Profiles one run of every variant with every workload, and disassembles the hot functions with
 * trace points. The log has the runs without a profile.
 */
export async function profileJob(
  job: JobContext,
  prepared: Pick<Prepared, 'variants'>,
  measuring: Runs,
): Promise<void> {
  const { context, results } = job;
  const { runs, skipped } = profileRuns(
    job.job,
    (variant) => prepared.variants.get(shownVariant(variant))!.recipe.qemu.version,
  );
  const log = (text: string) => context.progress.log('measure', text);
  skipped.forEach(log);
  // Without their files, which may have 64 MiB each.
  const profiles: Pick<NewProfile, 'functions'>[] = [];
  for (const run of runs)
    try {
      await using measured = await measuring.run(run);
      const profile = {
        ...factsOf(run, measured),
        ...(await readProfile(context, measured.container)),
        sizeValue: measuring.sizeValueOf(run),
      };
      await results.profiled(profile);
      profiles.push({ functions: profile.functions });
    } catch (error) {
      if (!isProfileLost(error)) throw error;
      log(missingProfile(run, error.message));
    }
  await disassemble(job, prepared, profiles);
}

/** Stores the machine code of every variant: of the functions that are hot in any of them. */
async function disassemble(
  { context, job, results }: JobContext,
  { variants }: Pick<Prepared, 'variants'>,
  profiles: readonly Pick<NewProfile, 'functions'>[],
): Promise<void> {
  const { target } = job.request.qemu;
  const names = hotTracePoints(profiles, emulatorName(target));
  if (names.length === 0) return;
  const known = new Map<string, VariantCode>();
  for (const { name, side } of job.plan.variants) {
    const { build, recipe, toolchain } = variants.get(shownVariant({ name, side }))!;
    try {
      const code =
        known.get(build.image) ??
        (await machineCode(context, toolchain, build, { target, names, events: recipe.events }));
      known.set(build.image, code);
      await results.compiled({ ...code, variant: name, side });
    } catch (error) {
      if (!isProfileLost(error)) throw error;
      context.progress.log('measure', `${error.message}: ${shownVariant({ name, side })}\n`);
    }
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
