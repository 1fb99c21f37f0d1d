// SPDX-License-Identifier: GPL-2.0-or-later
const SHOWN_DIGITS = 12;

/**
 * Shortens every digest in a text, for example in the name of a host. The caller shows the full
 * text in a title. Other words stay unchanged.
 */
export function shortDigest(text: string): string {
  return text.replaceAll(/\b(?:sha256:)?([0-9a-f]{64})\b/g, (_, digits: string) =>
    digits.slice(0, SHOWN_DIGITS),
  );
}
