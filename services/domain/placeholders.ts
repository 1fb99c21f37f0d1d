// SPDX-License-Identifier: GPL-2.0-or-later
import type { QemuInvocation } from '#contract/qemu-invocation.js';

/** Replaces `{name}` by the value of that name. Other braces stay, like JSON's. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** Returns the texts of an invocation in which placeholders are replaced. */
export function placesIn({ arguments: words = [], environment = {} }: QemuInvocation): string[] {
  return [...words, ...Object.values(environment)];
}

/** Returns whether one of the texts has a placeholder of this name. */
export function hasPlaceholder(texts: readonly string[], name: string): boolean {
  return texts.some((text) => text.includes(`{${name}}`));
}
