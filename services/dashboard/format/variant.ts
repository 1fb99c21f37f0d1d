// SPDX-License-Identifier: GPL-2.0-or-later
import type { Side } from '#contract/side.js';

/** Returns a variant's label where both sides appear: `static` for head, `static@base` for base. */
export function shownVariant(variant: { readonly name: string; readonly side: Side }): string {
  return variant.side === 'base' ? `${variant.name}@base` : variant.name;
}
