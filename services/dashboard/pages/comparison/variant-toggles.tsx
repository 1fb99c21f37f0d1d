// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { shownVariant } from '../../format/variant.js';
import { toggled, type Choice } from './choice.js';
import { VariantMark, type VariantStyle } from './variant-mark.js';

interface VariantTogglesProps {
  readonly plan: JobPlan;
  readonly choice: Choice;
  readonly onChoice: (change: Partial<Choice>) => void;
  readonly styles: ReadonlyMap<string, VariantStyle>;
}

/** Shows a switch per variant, with its mark. */
export function VariantToggles({ plan, choice, onChoice, styles }: VariantTogglesProps) {
  const all = plan.variants.map(shownVariant);
  return (
    <div className="toggles">
      {plan.variants
        .filter(({ side }) => choice.side === null || side === choice.side)
        .map(shownVariant)
        .map((variant) => (
          <button
            key={variant}
            type="button"
            className="toggle"
            aria-pressed={choice.variants.length === 0 || choice.variants.includes(variant)}
            onClick={() => onChoice({ variants: toggled(choice.variants, variant, all) })}
          >
            <VariantMark style={styles.get(variant)} />
            {variant}
          </button>
        ))}
    </div>
  );
}
