// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedSide } from '#contract/side.js';
import type { Mode, Variant } from '#contract/variant.js';
import type { PlannedSides } from './plan-sides.js';

/** Instrument mode of the tree that a variant is built from. */
type Instrument = 'none' | 'dynamic' | 'static';

const INSTRUMENT: Readonly<Record<Mode, Instrument>> = {
  none: 'none',
  plugin: 'none',
  backend: 'none',
  idle: 'dynamic',
  dynamic: 'dynamic',
  static: 'static',
};

export function instrumentOf(mode: Mode): Instrument {
  return INSTRUMENT[mode];
}

/**
 * Returns the complete inputs of a variant: its own, and its side's for each that it lacks.
 * This is the only place that resolves them.
 */
export function recipeOf(
  { head, base }: PlannedSides,
  variant: Pick<Variant, 'side' | 'events' | 'instrumentation'>,
): PlannedSide {
  const side = variant.side === 'base' && base !== null ? base : head;
  return {
    qemu: side.qemu,
    events: variant.events ?? side.events,
    instrumentation: variant.instrumentation ?? side.instrumentation,
  };
}

/** Returns the number of different builds and libraries of a plan's variants. */
export function buildsOf(
  sides: PlannedSides,
  variants: readonly Variant[],
): { builds: number; libraries: number } {
  const builds = new Set<string>();
  const libraries = new Set<string>();
  for (const variant of variants) {
    const { qemu, events, instrumentation } = recipeOf(sides, variant);
    const instrument = instrumentOf(variant.mode);
    const build = JSON.stringify([
      qemu,
      instrument,
      variant.backend,
      instrument === 'none' ? [] : events,
      instrument === 'static' ? instrumentation : null,
    ]);
    builds.add(build);
    if (variant.mode === 'dynamic') libraries.add(`${build} ${instrumentation}`);
    if (variant.mode === 'plugin') libraries.add(`${build} ${variant.plugin}`);
  }
  return { builds: builds.size, libraries: libraries.size };
}
