// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { seriesToken } from '../../components/series-colour.js';
import { shownVariant } from '../../format/variant.js';

export type Shape = 'circle' | 'diamond' | 'triangle';

/** Style of a variant in every figure: colour by name, which both sides share, and shape by side. */
export interface VariantStyle {
  readonly token: `--${string}`;
  readonly shape: Shape;
}

/**
 * Returns the styles of a job's variants, by label. From the ninth name on colours repeat, as
 * triangles.
 */
export function variantStyles(plan: JobPlan): Map<string, VariantStyle> {
  const names = [...new Set(plan.variants.map(({ name }) => name))];
  return new Map(
    plan.variants.map((variant) => {
      const index = names.indexOf(variant.name);
      return [
        shownVariant(variant),
        {
          token: seriesToken(index),
          shape: variant.side === 'base' ? 'diamond' : index > 7 ? 'triangle' : 'circle',
        },
      ];
    }),
  );
}

const OUTLINES: Record<Exclude<Shape, 'circle'>, string> = {
  diamond: 'M6 0.5 11.5 6 6 11.5 0.5 6Z',
  triangle: 'M6 1 11.5 11 0.5 11Z',
};

/** Shows the mark of a variant. */
export function VariantMark({ style }: { style: VariantStyle | undefined }) {
  if (style === undefined) return null;
  const fill = `var(${style.token})`;
  return (
    <svg className="variant-mark" viewBox="0 0 12 12" width="11" height="11" aria-hidden="true">
      {style.shape === 'circle' ? (
        <circle cx="6" cy="6" r="5" fill={fill} />
      ) : (
        <path d={OUTLINES[style.shape]} fill={fill} />
      )}
    </svg>
  );
}
