import { z } from 'zod';

/** How a variant's QEMU is built and started; each is described in ARCHITECTURE.md. */
export const MODES = ['none', 'idle', 'dynamic', 'static', 'backend'] as const;
export const Mode = z.enum(MODES);
export type Mode = z.infer<typeof Mode>;

/** QEMU's own trace backends that a `backend` variant can measure. */
export const Backend = z.enum(['simple', 'log']);
export type Backend = z.infer<typeof Backend>;

const VariantName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32');

const VariantObject = z
  .strictObject({
    mode: Mode,
    name: VariantName.optional().describe('how reports call it; default: the mode, with the backend'),
    backend: Backend.optional().describe('only, and always, with mode "backend"'),
    trace: z.boolean().default(false).describe('store the trace records of every measured sample: of backend "simple", or of an instrumentation that writes that format to /output/trace'),
  })
  .superRefine((variant, context) => {
    if ((variant.mode === 'backend') !== (variant.backend !== undefined)) {
      context.addIssue({ code: 'custom', path: ['backend'], message: 'is given with mode "backend", and only with it' });
    }
    if (variant.trace && !['dynamic', 'static'].includes(variant.mode) && variant.backend !== 'simple') {
      context.addIssue({ code: 'custom', path: ['trace'], message: 'needs mode "backend" with backend "simple", or mode "dynamic" or "static"' });
    }
  });

/** A variant as people write it: a mode's name, or an object. */
export const VariantRequest = z.union([z.enum(['none', 'idle', 'dynamic', 'static']), VariantObject]);
export type VariantRequest = z.infer<typeof VariantRequest>;

/** A variant as the plan keeps it: every default filled in. */
export const Variant = z.object({
  name: VariantName,
  mode: Mode,
  backend: Backend.nullable(),
  trace: z.boolean(),
});
export type Variant = z.infer<typeof Variant>;
