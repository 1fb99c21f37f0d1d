// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from './printable.js';

const LONGEST = 300;

/**
 * Escapes untrusted text for Markdown, tables included. Punctuation becomes character references,
 * which Markdown never interprets as structure. Within `code`, GitHub ignores mentions, links and
 * references.
 */
export function code(text: string, longest = LONGEST): string {
  return `<code>${references(shortened(printable(text).replace(/\s+/g, ' ').trim(), longest))}</code>`;
}

/** Escapes untrusted lines as a preformatted block. */
export function pre(text: string): string {
  return `<pre>\n${references(printable(text))}\n</pre>`;
}

/**
 * Escapes untrusted text for a sentence that is shown as plain text or as Markdown. Removes
 * mentions, markup, links and references to issues.
 */
export function plain(text: string, longest = LONGEST): string {
  const line = shortened(printable(text).replace(/\s+/g, ' ').trim(), longest).replace(
    /[<>`|[\]*_~#&\\!]/g,
    ' ',
  );
  // A zero-width space keeps GitHub from recognising these.
  return line.replace(/@|:(?=\/\/)|www(?=\.)|\bgh(?=-\d)/gi, '$&\u200b');
}

/** Returns the lines of a Markdown table. The cells must be escaped already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function references(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function shortened(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
