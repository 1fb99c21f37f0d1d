/** Arguments that one trace event can have (tracetool refuses more). */
export const MAX_ARGUMENTS = 10;

/** True for the argument types that the simple backend stores as text (is_string() of its tracetool backend). */
export function isTextType(type: string): boolean {
  return /^\s*(const )?char ?\*/.test(type) && type.indexOf('*') === type.lastIndexOf('*');
}

/** True for the argument types whose 64 bits are a negative number when the highest is set. */
export function isSignedType(type: string): boolean {
  return !/\*|\b(unsigned|uint\w*|size_t|uintptr_t|bool)\b/.test(type);
}
