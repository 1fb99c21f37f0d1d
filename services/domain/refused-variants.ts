// SPDX-License-Identifier: GPL-2.0-or-later
import type { RefusedVariant } from '#contract/job.js';
import { sourceWords } from '#contract/source-words.js';
import type { Variant } from '#contract/variant.js';
import type { BrokenRules } from './broken-rules.js';
import { factsOf, type Catalogue } from './catalogue.js';
import type { PlannedSides } from './plan-sides.js';
import { instrumentOf } from './recipe.js';

/**
 * Separates the variants that cannot be built: they need a port, and none applies to the source of
 * their side. A variant that one side refuses leaves the other side too, since a job compares both.
 * A job without any other variant breaks a rule.
 */
export function separateRefused(
  variants: readonly Variant[],
  sides: PlannedSides,
  catalogue: Catalogue,
  rules: BrokenRules,
): { variants: Variant[]; refused: RefusedVariant[] } {
  const refused = variants.flatMap(({ name, side, mode }): RefusedVariant[] => {
    const { qemu } = (side === 'base' ? sides.base : null) ?? sides.head;
    const facts = factsOf(catalogue, qemu);
    if (instrumentOf(mode) === 'none' || facts === null || facts.port !== null) return [];
    return [{ variant: name, side, reason: facts.reason }];
  });
  const names = new Set(refused.map(({ variant }) => variant));
  const left = variants.filter(({ name }) => !names.has(name));
  const [first] = refused;
  if (first !== undefined && left.length === 0) {
    const { source } = (first.side === 'base' ? sides.base : null)?.qemu ?? sides.head.qemu;
    const shown = source === undefined ? 'the source' : sourceWords(source);
    rules.unknown(
      'PORT_MISSING',
      'variants',
      { source: shown, reason: first.reason },
      `all need a port, and none applies to ${shown}: ${first.reason}`,
    );
  }
  return { variants: left, refused };
}
