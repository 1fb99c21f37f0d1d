// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { PlannedWorkload } from '#contract/job.js';
import { architectureOf, type Target } from '#contract/qemu.js';
import { WORKLOAD_LIMITS, type WorkloadMethod } from '#contract/workload-upload.js';
import { statusOf } from '../engine/docker-errors.js';
import { LABEL } from '../engine/engine.js';
import type { JobContext } from '../job/job-context.js';
import { track } from '../job/progress.js';
import { RUN_PATHS } from '../measure/command.js';
import { BUILDER, PATHS } from '../step-context.js';
import { buildOnce } from './build-once.js';
import { compileFailed, complaints } from './compiler-messages.js';
import { digestOfValue } from './digest.js';
import { ensureGuestToolchain, type GuestToolchain } from './guest-toolchain.js';
import { repack, tooLarge, type RepackLimits } from './repack.js';
import { openContainer, runScript, shell } from './script.js';
import { packWorkload, type WorkloadFiles } from './workload-files.js';
import { buildParameters, fillVolume, volumeFromImage } from './workload.js';

type Uploaded = NonNullable<PlannedWorkload['uploaded']>;

/** Inputs of all workloads of a job. */
interface Inputs {
  readonly suite: string;
  readonly base: string;
  readonly target: Target;
}

/** A volume with a workload's files. */
interface Made {
  readonly volume: string;
  readonly bytes: number;
}

/** Most files that a build may leave. */
const ENTRIES = 20_000;

/** Runs the Makefile in its folder, which becomes /workload. The variables are arguments. */
const MAKE = `
cd ${PATHS.workload}
exec make "$@"
`;

/**
 * Makes the volumes of a job's uploaded workloads. Files, Makefiles and Dockerfiles are hostile.
 * Together they have a limit, because a small upload may unpack to a large volume.
 */
export class UploadedWorkloads {
  #leftBytes: number = WORKLOAD_LIMITS.jobBytes;
  /** Keyed by upload and build parameters: a run mounts the volume read-only. */
  readonly #volumes = new Map<string, string>();

  constructor(
    private readonly job: JobContext,
    private readonly inputs: Inputs,
  ) {}

  /**
   * Returns the name of the volume that the workload's runs mount.
   * @throws {UNKNOWN_UPLOAD} The upload is no longer stored.
   * @throws {COMPILE_FAILED} The Makefile fails.
   * @throws {OVER_LIMIT} The Makefile reaches a limit.
   * @throws {WORKLOAD_BUILD_FAILED} The Dockerfile fails, or the folder /workload is missing.
   * @throws {TOO_LARGE} The files exceed the limit of a workload or of the job.
   */
  async volume(planned: PlannedWorkload, uploaded: Uploaded): Promise<string> {
    const key = digestOfValue({
      digest: uploaded.digest,
      parameters: buildParameters(uploaded.definition, planned),
    });
    const known = this.#volumes.get(key);
    if (known !== undefined) return known;
    const { volume, bytes } = await this.#make(planned, uploaded);
    this.#leftBytes -= bytes;
    this.#volumes.set(key, volume);
    return volume;
  }

  async #make(planned: PlannedWorkload, uploaded: Uploaded): Promise<Made> {
    const ways: Record<WorkloadMethod, () => Promise<Made>> = {
      files: () => this.#fromFiles(planned, uploaded),
      make: async () => this.#fromImage(planned, await this.#compiled(planned, uploaded)),
      image: async () => this.#fromImage(planned, await this.#built(planned, uploaded)),
    };
    return ways[uploaded.method]();
  }

  /** Limits of the next volume. */
  get #limits(): RepackLimits {
    const { unpackedBytes, jobBytes } = WORKLOAD_LIMITS;
    return this.#leftBytes < unpackedBytes
      ? {
          what: "the total of the job's uploaded workloads",
          bytes: this.#leftBytes,
          shownBytes: jobBytes,
          entries: ENTRIES,
        }
      : { what: 'the folder /workload', bytes: unpackedBytes, entries: ENTRIES };
  }

  async #fromFiles(planned: PlannedWorkload, { digest }: Uploaded): Promise<Made> {
    const { context, openUpload } = this.job;
    const files = await openUpload(digest);
    const bytes = files.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > this.#limits.bytes) throw tooLarge(this.#limits);
    const made = { volume: '' };
    await track(context.progress, 'workload', planned.label, async () => {
      made.volume = await fillVolume(context, this.inputs.base, packWorkload(files, '', 0));
      return { cached: false, key: digest };
    });
    return { volume: made.volume, bytes };
  }

  async #fromImage(planned: PlannedWorkload, image: string): Promise<Made> {
    const { context } = this.job;
    return volumeFromImage(context, image, RUN_PATHS.workload, this.#limits).catch(
      missingFolder(planned, `its image has no folder ${RUN_PATHS.workload}`),
    );
  }

  /** Returns the image with the folder that the Makefile left, cached by the digest of all inputs. */
  async #compiled(planned: PlannedWorkload, uploaded: Uploaded): Promise<string> {
    const { context } = this.job;
    const architecture = architectureOf(this.inputs.target);
    const toolchain = await ensureGuestToolchain(context, { ...this.inputs, architecture });
    if (toolchain === null)
      throw new QibenchError('WORKLOAD_BUILD_FAILED', {
        workload: planned.label,
        lastLine: `Debian has no cross compiler for ${architecture}; upload the compiled files`,
      });
    const variables = Object.entries({
      ARCHITECTURE: architecture,
      CROSS_COMPILE: toolchain.prefix,
      CC: `${toolchain.prefix}gcc`,
      ...buildParameters(uploaded.definition, planned),
    }).map(([name, value]) => `${name}=${value}`);
    const key = digestOfValue({
      upload: uploaded.digest,
      toolchain: toolchain.key,
      base: this.inputs.base,
      variables,
      script: MAKE,
    });
    return this.#cached(planned, key, async (tag) =>
      this.#compile(planned, await this.job.openUpload(uploaded.digest), {
        toolchain,
        variables,
        tag,
        key,
      }),
    );
  }

  async #compile(
    planned: PlannedWorkload,
    files: WorkloadFiles,
    {
      toolchain,
      variables,
      tag,
      key,
    }: { toolchain: GuestToolchain; variables: readonly string[]; tag: string; key: string },
  ): Promise<void> {
    const { context } = this.job;
    const what = `the workload ${planned.label}`;
    const spec = {
      image: toolchain.tag,
      command: shell(MAKE, ...variables),
      user: BUILDER,
      network: 'none' as const,
      limits: context.limits.workload,
    };
    await using container = await openContainer(context, spec);
    const folder = `${PATHS.workload.slice('/qemu/'.length)}/`;
    await context.backend.copyIn(container.id, '/qemu', packWorkload(files, folder, 1000));
    const result = await runScript(context, container.id, {
      step: 'workload',
      what: planned.label,
      limits: spec.limits,
      uploaded: what,
    });
    if (result.exitStatus !== 0)
      throw compileFailed(
        what,
        complaints(
          result.lines.map((line) => line.replace(/^\.\//, '')),
          PATHS.workload,
        ),
        result,
      );
    // The image that is kept has the files alone, and nothing else that the Makefile changed.
    await using clean = await openContainer(context, {
      image: this.inputs.base,
      command: ['true'],
      user: '65534:65534',
      network: 'none',
      workingDir: '/',
      limits: spec.limits,
    });
    const made = await context.backend
      .copyOut(container.id, PATHS.workload)
      .catch(missingFolder(planned, 'its Makefile removed its folder'));
    await context.backend.copyIn(clean.id, '/', repack(made, this.#limits).tar);
    await context.backend.commit(clean.id, tag, { [LABEL.key]: key });
  }

  /** Returns the image that the Dockerfile builds, with the arguments of a shipped workload's. */
  async #built(planned: PlannedWorkload, uploaded: Uploaded): Promise<string> {
    const { context } = this.job;
    const variables = {
      BASE: this.inputs.base,
      ARCHITECTURE: architectureOf(this.inputs.target),
      ...buildParameters(uploaded.definition, planned),
    };
    const key = digestOfValue({ upload: uploaded.digest, variables });
    return this.#cached(planned, key, async (tag) => {
      const files = packWorkload(await this.job.openUpload(uploaded.digest), '', 0);
      try {
        await context.backend.buildImage(
          files,
          { tag, arguments: variables, labels: { [LABEL.key]: key }, signal: context.signal },
          (text) => context.progress.log('workload', text),
        );
      } catch (error) {
        // The engine refuses a Dockerfile that it cannot parse with status 400.
        const refused = statusOf((error as Error).cause) === 400;
        if (!(error instanceof QibenchError) || (error.code !== 'IMAGE_BUILD_FAILED' && !refused))
          throw error;
        throw new QibenchError(
          'WORKLOAD_BUILD_FAILED',
          { workload: planned.label, lastLine: error.message },
          { cause: error },
        );
      }
    });
  }

  async #cached(
    planned: PlannedWorkload,
    key: string,
    build: (tag: string) => Promise<void>,
  ): Promise<string> {
    const { context } = this.job;
    const tag = `qibench/workload:uploaded-${key}`;
    await track(context.progress, 'workload', planned.label, async () => ({
      cached: await buildOnce(context, { tag, step: 'workload', name: `workload-${key}` }, () =>
        build(tag),
      ),
      key,
    }));
    return tag;
  }
}

/** Returns a handler that blames the workload's author for a folder that is missing. */
function missingFolder(planned: PlannedWorkload, reason: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof QibenchError) || error.code !== 'NOT_FOUND') throw error;
    throw new QibenchError(
      'WORKLOAD_BUILD_FAILED',
      { workload: planned.label, lastLine: reason },
      { cause: error },
    );
  };
}
