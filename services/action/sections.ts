// SPDX-License-Identifier: GPL-2.0-or-later
/** A part of a report: lines that stay together, and table rows that can be cut from the end. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly rows?: readonly string[];
  /** Text after the rows. */
  readonly end?: string;
}

/**
 * GitHub's limits, less a margin for the text around the sections.
 * @see REST reference of checks (65,535) and of issue comments (65,536); "Workflow commands" (1 MiB
 *   a step)
 */
export const LIMITS_BYTES = {
  comment: 65_000,
  check: 65_000,
  summary: 1024 * 1024 - 2_000,
} as const;

/**
 * Joins sections, the most important first, into one text within the limit. The text names the
 * sections and rows that were left out.
 */
export function fitted(sections: readonly Section[], limitBytes: number, whereAll: string): string {
  const room = limitBytes - 500; // for the note about missing sections
  const parts: string[] = [];
  const missing: string[] = [];
  let bytes = 0;
  const take = (part: string): boolean => {
    const more = Buffer.byteLength(part) + 2;
    if (bytes + more > room) return false;
    bytes += more;
    parts.push(part);
    return true;
  };
  for (const section of sections) {
    const { lines, rows = [], end = '', title } = section;
    const whole = textOf([...lines, ...rows, end]);
    if (take(whole)) continue;
    const fit = rowsThatFit(section, room - bytes - 200);
    if (fit > 0)
      take(
        textOf([
          ...lines,
          ...rows.slice(0, fit),
          '',
          `… and ${rows.length - fit} more row(s), left out for GitHub's limit.`,
          end,
        ]),
      );
    else missing.push(title);
  }
  if (missing.length > 0)
    parts.push(`_Left out for GitHub's limit: ${missing.slice(0, 10).join(', ')}. ${whereAll}_`);
  return parts.join('\n\n');
}

function rowsThatFit({ lines, rows = [], end = '' }: Section, room: number): number {
  let left = room - Buffer.byteLength(textOf([...lines, end]));
  let fit = 0;
  for (const row of rows) {
    left -= Buffer.byteLength(row) + 1;
    if (left < 0) break;
    fit++;
  }
  return fit;
}

function textOf(lines: readonly string[]): string {
  return lines.join('\n').trimEnd();
}
