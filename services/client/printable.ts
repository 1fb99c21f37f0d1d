/** Text from guests, compilers or other users, safe for a terminal: control characters (but newline and tab) become visible. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) =>
      character === '\r' ? '' : `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}
