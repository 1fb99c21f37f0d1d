// SPDX-License-Identifier: GPL-2.0-or-later
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import { count } from './numbers.js';

/** Describes what is given to QEMU: `-smp 2`, `A=b`, `12 characters of input`. */
export function invocationWords(invocation: QemuInvocation | undefined): string[] {
  const { arguments: words = [], environment = {}, stdin } = invocation ?? {};
  return [
    ...(words.length === 0 ? [] : [words.map(quoted).join(' ')]),
    ...Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`),
    ...(stdin === undefined ? [] : [`${count(stdin.length)} characters of input`]),
  ];
}

/** Quotes a text that would not be seen as one word. */
function quoted(text: string): string {
  return /^[^\s"]+$/.test(text) ? text : JSON.stringify(text);
}
