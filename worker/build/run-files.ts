// SPDX-License-Identifier: GPL-2.0-or-later
import { basename } from 'node:path';
import type { Build } from '#contract/build.js';
import { shownVariant } from '#contract/side.js';
import type { Variant } from '#contract/variant.js';
import { RUN_PATHS } from '../measure/command.js';
import { track } from '../job/progress.js';
import type { StepContext } from '../step-context.js';
import { compileInstrumentation } from './instrumentation.js';
import { compilePlugin, type PluginInputs } from './plugin.js';
import type { TarFile, UploadedFolder } from './tar.js';

/** Inputs that determine the files of a variant's runs. */
export interface RunFileInputs extends PluginInputs {
  readonly build: Build;
  readonly events: readonly string[];
  readonly instrumentation: UploadedFolder | null;
}

/**
 * Returns the files that a variant's runs mount at /instrumentation: the library or plugin that
 * QEMU loads, or a list of events.
 */
export async function runFiles(
  context: StepContext,
  inputs: RunFileInputs,
  variant: Variant,
): Promise<TarFile[]> {
  switch (variant.mode) {
    case 'none':
    case 'idle':
    case 'static':
      return [];
    case 'backend':
      return [{ path: basename(RUN_PATHS.traceEvents), content: `${inputs.events.join('\n')}\n` }];
    case 'dynamic': {
      const { toolchain, build, instrumentation } = inputs;
      const { content } = await track(
        context.progress,
        'instrumentation',
        shownVariant(variant),
        () =>
          compileInstrumentation(context, {
            toolchain: toolchain.tag,
            build,
            instrumentation: instrumentation!,
          }),
      );
      return [{ path: 'libtrace-instrument.so', content, executable: true }];
    }
    case 'plugin': {
      const { content } = await track(
        context.progress,
        'instrumentation',
        shownVariant(variant),
        () => compilePlugin(context, inputs, variant),
      );
      return [{ path: 'plugin.so', content, executable: true }];
    }
  }
}
