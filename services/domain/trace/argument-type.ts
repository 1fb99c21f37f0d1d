// SPDX-License-Identifier: GPL-2.0-or-later
/** Largest number of arguments of a trace event (tracetool rejects more). */
export const MAX_ARGUMENTS = 10;

/**
 * Returns whether the simple backend stores the argument type as text.
 * @see is_string() of its tracetool backend
 */
export function isTextType(type: string): boolean {
  return /^\s*(const )?char ?\*/.test(type) && type.indexOf('*') === type.lastIndexOf('*');
}

/** Returns whether 64 bits of the argument type are negative when the highest is set. */
export function isSignedType(type: string): boolean {
  return !/\*|\b(unsigned|uint\w*|size_t|uintptr_t|bool)\b/.test(type);
}
