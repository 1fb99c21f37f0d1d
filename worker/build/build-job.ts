// SPDX-License-Identifier: GPL-2.0-or-later
import { randomInt } from 'node:crypto';
import type { Build } from '#contract/build.js';
import { QibenchError } from '#contract/error.js';
import type { EnvironmentFacts } from '#contract/host.js';
import type { PlannedWorkload } from '#contract/job.js';
import { shownVariant, type PlannedSide, type Side } from '#contract/side.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Target } from '#contract/qemu.js';
import { definitionOf as knownDefinition } from '#domain/definitions.js';
import { capabilityOf } from '#domain/host-recorders.js';
import { linksPerBuild } from '#domain/schedule.js';
import { sidesOf } from '#domain/plan-sides.js';
import { recipeOf } from '#domain/recipe.js';
import { runFiles } from './run-files.js';
import { packFiles } from './tar.js';
import { UploadedWorkloads } from './uploaded-workload.js';
import { buildVariant } from './variant.js';
import { buildWorkload, fillVolume, volumeFromImage } from './workload.js';
import type { JobContext } from '../job/job-context.js';
import { waitForHost } from '../host/wait.js';
import { environmentFacts } from '../host/environment.js';
import { RUN_PATHS } from '../measure/command.js';
import { guestCounter } from '../measure/instructions.js';
import { ensureBaseImage, ensureRunner, ensureTracer } from './images.js';
import { patchesOf, sideSource, versionEntry } from './side-source.js';

/** A variant that can be run. */
export interface PreparedVariant {
  readonly recipe: PlannedSide;
  readonly build: Build;
  /** Volume that its runs mount at /instrumentation. */
  readonly volume: string;
  /** Image with the compiler and the tools that made the build. */
  readonly toolchain: string;
  /** Image that traces the variant's runs; null: its runs are not traced from outside. */
  readonly tracer: string | null;
}

/** Everything that the runs of a job need. */
export interface Prepared {
  /** Keyed by the name that shows variant and side (`shownVariant`). */
  readonly variants: ReadonlyMap<string, PreparedVariant>;
  /** Keyed by the workload's label. */
  readonly workloadVolumes: ReadonlyMap<string, string>;
  /** One for each QEMU version. */
  readonly environments: readonly EnvironmentFacts[];
}

/**
 * Builds everything that a job runs: both sides, in random order because a run sees times of files,
 * then the workloads, which both sides share. Shares the host with other builds.
 */
export async function buildJob(job: JobContext): Promise<Prepared> {
  const { context } = job;
  await using _host = await waitForHost(context, context.lockFolder, 'build');
  const { head, base } = sidesOf(job.job);
  const variants = new Map<string, PreparedVariant>();
  const sides: [Side, PlannedSide][] = [['head', head]];
  if (base !== null) sides.splice(randomInt(2), 0, ['base', base]);
  const environments = new Map<string, EnvironmentFacts>();
  for (const [name, side] of sides)
    environments.set(side.qemu.version, await prepareSide(job, name, side, variants));

  const { suite } = await versionEntry(context, head.qemu.version);
  const image = await ensureBaseImage(context, suite);
  const workloadVolumes = await prepareWorkloads(job, { suite, image, target: head.qemu.target });
  return { variants, workloadVolumes, environments: [...environments.values()] };
}

/** Makes the volumes of all workloads. Parameters of stage `run` share a volume. */
async function prepareWorkloads(
  job: JobContext,
  { suite, image, target }: { suite: string; image: string; target: Target },
): Promise<Map<string, string>> {
  const { context } = job;
  const volumes = new Map<string, string>();
  const uploaded = new UploadedWorkloads(job, { suite, base: image, target });
  for (const planned of job.job.plan.workloads)
    volumes.set(
      planned.label,
      planned.uploaded === undefined
        ? (
            await volumeFromImage(
              context,
              await buildWorkload(context, definitionOf(job, planned), planned, target, image),
              RUN_PATHS.workload,
            )
          ).volume
        : await uploaded.volume(planned, planned.uploaded),
    );
  return volumes;
}

async function prepareSide(
  job: JobContext,
  name: Side,
  side: PlannedSide,
  prepared: Map<string, PreparedVariant>,
): Promise<EnvironmentFacts> {
  const { context, uploads } = job;
  const { version, target, port, configure: options = [] } = side.qemu;
  const { entry, toolchain, source } = await sideSource(job, side.qemu);
  const runner = await ensureRunner(context, entry);
  const { plan, request } = job.job;
  const sides = sidesOf(job.job);
  const counter = request.instructions === true ? [guestCounter(name)] : [];
  for (const variant of [...plan.variants.filter((planned) => planned.side === name), ...counter]) {
    const recipe = recipeOf(sides, variant);
    const inputs = {
      version,
      entry,
      source,
      ...(port === undefined ? {} : { port: patchesOf(port) }),
      toolchain,
      options,
      runner,
      target,
      lineNumbers: request.profile === true,
      events: recipe.events,
      instrumentation:
        recipe.instrumentation === null ? null : uploads.get(recipe.instrumentation)!,
      uploads,
    };
    const build = await buildVariant(context, inputs, variant, linksPerBuild(plan));
    await job.results.build(build);
    const volume = await fillVolume(
      context,
      runner.tag,
      packFiles(await runFiles(context, { ...inputs, build }, variant)),
    );
    const tracer = capabilityOf(variant) === 'dtrace' ? await ensureTracer(context, entry) : null;
    prepared.set(shownVariant(variant), {
      recipe,
      build,
      volume,
      toolchain: toolchain.tag,
      tracer,
    });
  }
  const base = await ensureBaseImage(context, entry.suite);
  return environmentFacts(context, { base, runner: runner.tag, toolchain: toolchain.tag });
}

/**
 * Returns the definition of a planned workload.
 * @throws {UNKNOWN_WORKLOAD} This worker ships no workload of that name.
 */
export function definitionOf(job: JobContext, workload: PlannedWorkload): WorkloadDefinition {
  const definition = knownDefinition(workload, job.workloads);
  if (definition === undefined)
    throw new QibenchError('UNKNOWN_WORKLOAD', {
      field: 'workloads',
      name: workload.name,
      suggestion: '',
    });
  return definition;
}
