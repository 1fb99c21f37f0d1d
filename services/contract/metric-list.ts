// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Direction } from './comparison.js';

/** Metrics of the registry, in its order. */
export const MetricList = z.object({
  metrics: z.array(
    z.object({ name: z.string(), unit: z.string(), direction: Direction, description: z.string() }),
  ),
});
export type MetricList = z.infer<typeof MetricList>;
