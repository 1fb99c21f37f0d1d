import type { Side } from '../../contract/side.js';

/** How a variant is called where both sides are shown, as everywhere: `static` is head's, `static@base` is base's. */
export function shownVariant(variant: { readonly name: string; readonly side: Side }): string {
  return variant.side === 'base' ? `${variant.name}@base` : variant.name;
}
