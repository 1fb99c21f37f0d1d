// SPDX-License-Identifier: GPL-2.0-or-later
/** Returns whether the pattern has a wildcard. */
export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** States per word; 31, so that a shifted word keeps its carry. */
const WORD_BITS = 31;
const WORD_MASK = 0x7fffffff;
/** Number of ASCII codes: characters that a table finds without a search. */
const CODES = 128;

/**
 * Compiles a pattern: `*` stands for any characters, `?` for exactly one. The returned function
 * tells whether a whole name matches.
 *
 * Patterns are untrusted. The matcher simulates the pattern's automaton with one bit a state, so a
 * name takes one step a character for each 31 characters of the pattern, whatever the wildcards.
 *
 * Source: Baeza-Yates and Gonnet, "A New Approach to Text Searching", Commun. ACM 35(10), 1992.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const characters = pattern.replaceAll('*', '');
  const words = Math.floor(characters.length / WORD_BITS) + 1;
  const bit = (place: number): [word: number, mask: number] => [
    Math.floor(place / WORD_BITS),
    1 << (place % WORD_BITS),
  ];

  // Bit i of `stays`: a `*` follows the first i characters. Bit i of `accepts`: character i matches.
  const stays = new Int32Array(words);
  let place = 0;
  for (const character of pattern) {
    const [word, mask] = bit(place);
    if (character === '*') stays[word]! |= mask;
    else place += character.length;
  }
  // Classes: the ASCII codes, then each other character of the pattern, after one for all the rest.
  const others = [...characters].filter((character) => character.charCodeAt(0) >= CODES).join('');
  const classOf = (text: string, at: number): number => {
    const code = text.charCodeAt(at);
    return code < CODES ? code : CODES + 1 + others.indexOf(text[at]!);
  };
  const classes = CODES + 1 + others.length;
  const accepts = new Int32Array(classes * words);
  for (let i = 0; i < characters.length; i += 1) {
    const [word, mask] = bit(i);
    if (characters[i] !== '?') accepts[classOf(characters, i) * words + word]! |= mask;
    else for (let any = 0; any < classes; any += 1) accepts[any * words + word]! |= mask;
  }

  const [lastWord, lastMask] = bit(characters.length);
  if (words === 1) {
    const [stay] = stays;
    return (name) => {
      if (name.length < characters.length) return false;
      let state = 1;
      for (let at = 0; at < name.length && state !== 0; at += 1)
        state = ((state & accepts[classOf(name, at)]!) << 1) | (state & stay!);
      return (state & lastMask) !== 0;
    };
  }
  const states = new Int32Array(words);
  return (name) => {
    if (name.length < characters.length) return false;
    states.fill(0);
    states[0] = 1;
    for (let at = 0; at < name.length; at += 1) {
      const accepted = classOf(name, at) * words;
      let carry = 0;
      let alive = 0;
      for (let word = 0; word < words; word += 1) {
        const moved = states[word]! & accepts[accepted + word]!;
        states[word] = ((moved << 1) & WORD_MASK) | carry | (states[word]! & stays[word]!);
        carry = (moved >>> (WORD_BITS - 1)) & 1;
        alive |= states[word]!;
      }
      if (alive === 0) return false;
    }
    return (states[lastWord]! & lastMask) !== 0;
  };
}
