// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { BACKENDS, SHIPPED_PLUGINS } from './constants.js';
import { EventName, EventPatterns } from './qemu.js';
import { oneLine, QemuInvocation } from './qemu-invocation.js';
import { Side, VariantName } from './side.js';
import { Swept } from './sweep.js';
import { Digest } from './upload.js';
import { ParameterName } from './workload.js';

/** Modes in which a variant's QEMU is built and started. ARCHITECTURE.md describes each. */
const MODES = ['none', 'idle', 'dynamic', 'static', 'backend', 'plugin'] as const;
export const Mode = z.enum(MODES);
export type Mode = z.infer<typeof Mode>;

/** QEMU's own trace backends that a `backend` variant can measure. */
export const Backend = z.enum(BACKENDS);
export type Backend = z.infer<typeof Backend>;

/**
 * TCG plugins that QEMU's source ships and that a `plugin` variant can name.
 * worker/measure/output/plugin-output.ts parses their output.
 */
export const ShippedPlugin = z.enum(SHIPPED_PLUGINS);
export type ShippedPlugin = z.infer<typeof ShippedPlugin>;

/** A TCG plugin: one of QEMU's own, or an upload. */
const Plugin = z
  .string()
  .refine(
    (plugin) => isShipped(plugin) || Digest.safeParse(plugin).success,
    `one of QEMU's own (${ShippedPlugin.options.join(', ')}), or the digest of an upload`,
  );

/** An argument of a plugin. QEMU splits `-plugin` at commas and reserves `file`, `arg` and `id`. */
const PluginArgument = z
  .string()
  .regex(
    /^(?!(?:file|arg|id)=)[A-Za-z][A-Za-z0-9_-]{0,31}=[ -+\--~]{0,128}$/,
    'name=value: the name not file, arg or id; the value printable ASCII without comma, at most 128',
  );

const PLUGIN_ARGUMENTS = 16;

/** Arguments of an instrumentation: `argv` of its `qi_init`. */
const InstrumentationArgument = oneLine(1_024);
export const InstrumentationArguments = z.array(InstrumentationArgument).max(32);

/**
 * Creates the schema of a variant object.
 * @param plugin Schema of a reference to a plugin.
 * @param folder Schema of a reference to an instrumentation.
 */
const variantObject = <P extends z.ZodType<string>, F extends z.ZodType<string>>(
  plugin: P,
  folder: F,
) =>
  z
    .strictObject({
      mode: Mode,
      name: VariantName.optional().describe(
        "name in reports; default: the mode, with the backend or with the name of QEMU's own plugin",
      ),
      backend: Backend.optional().describe('required with mode "backend", otherwise not allowed'),
      record: z
        .boolean()
        .optional()
        .describe(
          'false: the backend is compiled in and records nothing; only with mode "backend"; ' +
            'default: true',
        ),
      plugin: plugin.optional().describe('required with mode "plugin", otherwise not allowed'),
      arguments: InstrumentationArguments.optional().describe(
        "arguments of the plugin, or of the instrumentation in place of the job's; only with " +
          'mode "plugin", "dynamic" or "static"',
      ),
      events: EventPatterns.min(1)
        .optional()
        .describe('in place of the job\'s; not with mode "none" or "plugin"'),
      instrumentation: folder
        .optional()
        .describe('in place of the job\'s; only with mode "dynamic" or "static"'),
      qemu: QemuInvocation.optional().describe("after the job's and the workload's"),
      parameters: z
        .record(ParameterName, z.number().int())
        .optional()
        .describe("parameters of the workloads that have them, in place of the workloads' own"),
      trace: z
        .boolean()
        .default(false)
        .describe(
          'store the trace records of every measured sample: written by backend "simple", ' +
            'or by an instrumentation that writes that format to /output/trace',
        ),
    })
    .superRefine((variant, context) => {
      for (const mode of ['backend', 'plugin'] as const) {
        if ((variant.mode === mode) !== (variant[mode] !== undefined)) {
          context.addIssue({
            code: 'custom',
            path: [mode],
            message: `is required with mode "${mode}" and not allowed without it`,
          });
        }
      }
      if (variant.record !== undefined && variant.mode !== 'backend') {
        context.addIssue({
          code: 'custom',
          path: ['record'],
          message: 'is only allowed with mode "backend"',
        });
      }
      const compiles = runsInstrumentation(variant.mode);
      if (variant.arguments !== undefined && !compiles && variant.mode !== 'plugin') {
        context.addIssue({
          code: 'custom',
          path: ['arguments'],
          message: 'are only allowed with mode "plugin", "dynamic" or "static"',
        });
      }
      if (variant.mode === 'plugin') checkPluginArguments(variant.arguments ?? [], context);
      if (variant.events !== undefined && !firesEvents(variant.mode)) {
        context.addIssue({
          code: 'custom',
          path: ['events'],
          message: `have no effect with mode "${variant.mode}"`,
        });
      }
      if (variant.instrumentation !== undefined && !compiles) {
        context.addIssue({
          code: 'custom',
          path: ['instrumentation'],
          message: 'is only allowed with mode "dynamic" or "static"',
        });
      }
      const recordsSimple = variant.backend === 'simple' && variant.record !== false;
      if (variant.trace && !compiles && !recordsSimple) {
        context.addIssue({
          code: 'custom',
          path: ['trace'],
          message:
            'needs mode "backend" with backend "simple" that records, or mode "dynamic" or "static"',
        });
      }
    });

/** Returns whether variants of a mode run the instrumentation. */
export function runsInstrumentation(mode: Mode): boolean {
  return mode === 'dynamic' || mode === 'static';
}

/** Returns whether a variant's runs record with one of QEMU's own backends. */
export function recordsByBackend({ mode, record }: Pick<Variant, 'mode' | 'record'>): boolean {
  return mode === 'backend' && record !== false;
}

/** Returns whether variants of a mode depend on the selected events. */
export function firesEvents(mode: Mode): boolean {
  return mode !== 'none' && mode !== 'plugin';
}

function checkPluginArguments(words: readonly string[], context: z.RefinementCtx): void {
  if (words.length > PLUGIN_ARGUMENTS)
    context.addIssue({
      code: 'custom',
      path: ['arguments'],
      message: `at most ${PLUGIN_ARGUMENTS} arguments of a plugin`,
    });
  for (const [index, word] of words.entries())
    // An argument that is refused anyway has its message already.
    if (InstrumentationArgument.safeParse(word).success)
      for (const { message } of PluginArgument.safeParse(word).error?.issues ?? [])
        context.addIssue({ code: 'custom', path: ['arguments', index], message });
}

/**
 * Name of the plugin run that counts the guest's instructions if a job asks for that; variants of
 * such a job must not use it.
 */
export const GUEST_COUNTER = 'guest-instructions';

const ModeName = z.enum(['none', 'idle', 'dynamic', 'static']);
const WRITTEN = {
  error: 'a mode without further settings (none, idle, dynamic, static), or an object with "mode"',
};

/** A variant as written in a request: a mode's name, or an object. */
export const VariantRequest = z.union([ModeName, variantObject(Plugin, Digest)], WRITTEN);
export type VariantRequest = z.infer<typeof VariantRequest>;
export type VariantObject = Exclude<VariantRequest, string>;

/** Returns a variant of a request as an object. */
export function variantObjectOf(written: VariantRequest): VariantObject {
  return typeof written === 'string' ? { mode: written, trace: false } : written;
}

/** A variant in a job file, where `plugin` and `instrumentation` may name a folder too. */
export const VariantInFile = z.union(
  [ModeName, variantObject(z.string().min(1), z.string().min(1))],
  WRITTEN,
);
export type VariantInFile = z.infer<typeof VariantInFile>;

/**
 * A variant in a plan, with every default filled in. Plans of versions without plugins lack plugin
 * and arguments; in plans of versions without sides, every variant belongs to head.
 */
export const Variant = z.object({
  name: z.string().describe("unique on its side; a request's name, followed by swept values"),
  side: Side.default('head'),
  mode: Mode,
  backend: Backend.nullable(),
  record: z.boolean().optional().describe('of mode "backend"; absent: true'),
  plugin: Plugin.nullable().default(null),
  arguments: z.array(z.string()).default([]).describe('of the plugin or the instrumentation'),
  trace: z.boolean(),
  events: z.array(EventName).optional().describe("sorted; absent: its side's"),
  instrumentation: Digest.optional().describe("absent: its side's"),
  qemu: QemuInvocation.optional().describe("beside the workload's"),
  parameters: z.record(ParameterName, z.number().int()).optional(),
  swept: Swept.optional().describe('values of a sweep that this variant stands for'),
});
export type Variant = z.infer<typeof Variant>;

/** Returns whether a plugin is one of QEMU's own. */
export function isShipped(plugin: string | null): plugin is ShippedPlugin {
  return ShippedPlugin.safeParse(plugin).success;
}

/**
 * Returns the name of a variant within its side. It defaults to the mode, followed by the backend
 * or by the name of QEMU's own plugin, and by `idle` for a backend that records nothing.
 */
export function variantName(variant: VariantRequest | VariantInFile): string {
  if (typeof variant === 'string') return variant;
  const { name, mode, backend, record, plugin = null } = variant;
  const which = backend ?? (isShipped(plugin) ? plugin : null);
  const words = [mode, ...(which === null ? [] : [which]), ...(record === false ? ['idle'] : [])];
  return name ?? words.join('-');
}
