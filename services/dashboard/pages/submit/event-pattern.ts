// SPDX-License-Identifier: GPL-2.0-or-later
import type { Target } from '#contract/qemu.js';

/** True for a pattern that may match several events. */
export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** Returns the kind of a target: `softmmu` or `linux-user`. */
export function targetKind(target: Target): string {
  return target.slice(target.indexOf('-') + 1);
}
