// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { BACKENDS, SHIPPED_PLUGINS } from './constants.js';
import { Side } from './side.js';
import { Digest } from './upload.js';

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

const VariantName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32');

/**
 * Creates the schema of a variant object, with `plugin` as the schema of a reference to a plugin.
 */
const variantObject = <P extends z.ZodType<string>>(plugin: P) =>
  z
    .strictObject({
      mode: Mode,
      name: VariantName.optional().describe(
        "name in reports; default: the mode, with the backend or with the name of QEMU's own plugin",
      ),
      backend: Backend.optional().describe('required with mode "backend", otherwise not allowed'),
      plugin: plugin.optional().describe('required with mode "plugin", otherwise not allowed'),
      arguments: z
        .array(PluginArgument)
        .max(PLUGIN_ARGUMENTS)
        .optional()
        .describe('arguments of the plugin; only with mode "plugin"'),
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
      if (variant.arguments !== undefined && variant.mode !== 'plugin') {
        context.addIssue({
          code: 'custom',
          path: ['arguments'],
          message: 'are only allowed with mode "plugin"',
        });
      }
      if (
        variant.trace &&
        !['dynamic', 'static'].includes(variant.mode) &&
        variant.backend !== 'simple'
      ) {
        context.addIssue({
          code: 'custom',
          path: ['trace'],
          message: 'needs mode "backend" with backend "simple", or mode "dynamic" or "static"',
        });
      }
    });

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
export const VariantRequest = z.union([ModeName, variantObject(Plugin)], WRITTEN);
export type VariantRequest = z.infer<typeof VariantRequest>;

/** A variant in a job file, where `plugin` may name a folder too. */
export const VariantInFile = z.union([ModeName, variantObject(z.string().min(1))], WRITTEN);
export type VariantInFile = z.infer<typeof VariantInFile>;

/**
 * A variant in a plan, with every default filled in. Plans of versions without plugins lack plugin
 * and arguments; in plans of versions without sides, every variant belongs to head.
 */
export const Variant = z.object({
  name: VariantName.describe('unique on its side'),
  side: Side.default('head'),
  mode: Mode,
  backend: Backend.nullable(),
  plugin: Plugin.nullable().default(null),
  arguments: z.array(PluginArgument).default([]),
  trace: z.boolean(),
});
export type Variant = z.infer<typeof Variant>;

/** Returns whether a plugin is one of QEMU's own. */
export function isShipped(plugin: string | null): plugin is ShippedPlugin {
  return ShippedPlugin.safeParse(plugin).success;
}

/**
 * Returns the name of a variant within its side. It defaults to the mode, followed by the backend
 * or by the name of QEMU's own plugin.
 */
export function variantName(variant: VariantRequest | VariantInFile): string {
  if (typeof variant === 'string') return variant;
  const { name, mode, backend, plugin = null } = variant;
  const which = backend ?? (isShipped(plugin) ? plugin : null);
  return name ?? (which === null ? mode : `${mode}-${which}`);
}
