// SPDX-License-Identifier: GPL-2.0-or-later
/** One metric family of an exposition. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(.*)\\})? (NaN|[+-]Inf|[-+]?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?)$`,
);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const SUFFIXES: Record<string, string[]> = { histogram: ['_bucket', '_sum', '_count'] };

/**
 * Parses Prometheus' text format strictly: every sample below the HELP and TYPE of its family,
 * every family and series once.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let current = '';
  let help: [string, string] | null = null;
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') help = [name!, rest!];
    else if (keyword === 'TYPE') {
      if (help?.[0] !== name || families.has(name!))
        throw new Error(`TYPE without HELP, or again: ${line}`);
      if (!['counter', 'gauge', 'histogram'].includes(rest!)) throw new Error(`no type: ${line}`);
      families.set((current = name!), { type: rest!, help: help![1], samples: [] });
    } else {
      const match = SAMPLE.exec(line);
      const family = families.get(current);
      if (match === null || family === undefined) throw new Error(`not a sample: ${line}`);
      if (!(SUFFIXES[family.type] ?? ['']).some((suffix) => match[1] === current + suffix))
        throw new Error(`not of ${current}: ${line}`);
      if (series.has(`${match[1]}{${match[2]}}`)) throw new Error(`twice: ${line}`);
      series.add(`${match[1]}{${match[2]}}`);
      family.samples.push({
        name: match[1]!,
        labels: parseLabels(match[2] ?? ''),
        value: Number(match[3]!.replace('Inf', 'Infinity')),
      });
    }
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const match = LABEL.exec(rest);
    if (match === null || match[1]! in labels) throw new Error(`labels: ${text}`);
    labels[match[1]!] = match[2]!;
    rest = rest.slice(match[0].length);
  }
  return labels;
}
