// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

const SWEEP_LIMITS = { names: 3, values: 64 } as const;

/** Name of a swept value: a parameter of a workload, an option of QEMU, or a placeholder. */
const SweepName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'lower-case letters, digits and _, at most 32');

const TEXT = 'letters, digits and _ . , : = + -, at most 64, without - at the beginning';

/** A text that begins with a dash would be an option, as a whole argument. */
export const SweptValue = z.union(
  [z.number(), z.string().regex(/^(?!-)[A-Za-z0-9_.,:=+-]{1,64}$/, TEXT)],
  { error: `a number, or ${TEXT}` },
);
export type SweptValue = z.infer<typeof SweptValue>;

/** The swept values of one variant or workload of a plan, by name. */
export const Swept = z.record(z.string(), SweptValue);
export type Swept = z.infer<typeof Swept>;

const SweptValues = z
  .array(SweptValue)
  .min(1)
  .max(SWEEP_LIMITS.values)
  .refine(
    (values) => new Set(values.map(String)).size === values.length,
    'names a value more than once',
  );

/**
 * Values that a job measures one after the other: every combination is a workload or a variant of
 * its plan. `events`: every event alone.
 */
export const Sweep = z.union(
  [
    z.literal('events'),
    z
      .record(SweepName, SweptValues)
      .refine((sweep) => Object.keys(sweep).length > 0, 'names nothing to sweep')
      .refine(
        (sweep) => Object.keys(sweep).length <= SWEEP_LIMITS.names,
        `at most ${SWEEP_LIMITS.names} names`,
      ),
  ],
  { error: '"events", or lists of values by name, such as { writes: [1000, 10000] }' },
);
export type Sweep = z.infer<typeof Sweep>;
