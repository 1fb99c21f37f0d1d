import { printable } from './printable.js';

const LONGEST = 300;

/**
 * Text of others within Markdown, in a table too. All that is not a letter, digit or blank becomes a character
 * reference, which Markdown never takes for structure; within `code`, GitHub makes no mentions, links or references.
 */
export function code(text: string, longest = LONGEST): string {
  return `<code>${references(shortened(printable(text).replace(/\s+/g, ' ').trim(), longest))}</code>`;
}

/** Lines of others as a block. */
export function pre(text: string): string {
  return `<pre>\n${references(printable(text))}\n</pre>`;
}

/** For prose of ours that quotes what others wrote, and is shown as text or as Markdown: no mention, markup, link or reference to another issue. */
export function plain(text: string, longest = LONGEST): string {
  const line = shortened(printable(text).replace(/\s+/g, ' ').trim(), longest).replace(
    /[<>`|[\]*_~#&\\!]/g,
    ' ',
  );
  return line.replace(/@|:(?=\/\/)|www(?=\.)|\bgh(?=-\d)/gi, '$&\u200b'); // a blank of no width: GitHub sees no beginning of something
}

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
