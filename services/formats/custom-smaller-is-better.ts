// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The `customSmallerIsBetter` format of github-action-benchmark:
 * `[{name, unit, value, range?, extra?}]`. The tool's name implies the direction; the file does
 * not state it.
 *
 * The writer emits one entry per measure for which smaller is better and leaves the others out.
 * `range` is `± x`, as the action's own extractors write it, where x is the longer arm of the
 * interval. `extra` has the interval itself. For a ratio, `extra` also has the answer in words and,
 * with a fixed number of blocks, the minimum detectable effect (MDE) as a ratio.
 *
 * The reader turns `± x` or `± x%` into the interval [value - x, value + x], rejects any other
 * `range` and ignores `extra`. Names and units stay unchanged; the metric is `value`.
 *
 * @see github-action-benchmark, README ("customSmallerIsBetter") and `src/extract.ts`
 */
import { z } from 'zod';
import { IMPORT_LIMITS, type ImportedResult } from '#contract/import.js';
import { storable } from '#contract/project.js';
import { answerWords } from '#contract/verdict-words.js';
import { BrokenRule, Finite, Name, parsed, unique } from './reading.js';
import { benchmarkName, headRow, jsonText, type JobReport } from './report.js';

export function writeCustomSmallerIsBetter({ job, measures, comparison }: JobReport): string {
  const entries = measures
    .filter(({ direction }) => direction === 'smaller-is-better')
    .map((measure) => {
      const { metric, unit, value, low, high, confidence, blocks } = measure;
      const row = metric === 'wallRatio' ? headRow(comparison, measure) : undefined;
      const answer = row === undefined ? null : answerWords(row, 'time');
      const detectable = row?.minimumDetectableRatio ?? null;
      const half = low === null || high === null ? null : Math.max(value - low, high - value);
      const interval =
        half === null ? '' : `\ninterval: ${low} to ${high} at ${(100 * confidence!).toFixed(1)} %`;
      const says = answer === null ? '' : `\nanswer: ${answer}`;
      const mde = detectable === null ? '' : `\nMDE: ${detectable}`;
      return {
        name: `${benchmarkName(measure)} ${metric}`,
        unit,
        value,
        ...(half === null ? {} : { range: `± ${half}` }),
        extra: `job: ${job.id}\nblocks: ${blocks}${interval}${says}${mde}`,
      };
    });
  return jsonText(entries);
}

const Document = z.array(
  z.strictObject({
    name: Name,
    unit: storable(z.string().max(IMPORT_LIMITS.unitLength)),
    value: Finite,
    range: z.string().max(64).optional(),
    extra: z.string().optional(),
  }),
);

export function readCustomSmallerIsBetter(document: unknown): ImportedResult[] {
  return unique(
    parsed(Document, document).map(({ name, unit, value, range }, index) => {
      const half = range === undefined ? null : halfRange(range, value, [index, 'range']);
      return {
        path: [index, 'name'],
        benchmark: name,
        metric: 'value',
        unit,
        direction: 'smaller-is-better' as const,
        value,
        low: half === null ? null : value - half,
        high: half === null ? null : value + half,
        samples: null,
      };
    }),
  );
}

function halfRange(range: string, value: number, path: readonly PropertyKey[]): number {
  const match = /^\s*(?:±|\+\/?-)\s*(\d+(?:\.\d+)?(?:e[-+]?\d{1,3})?)\s*(%?)\s*$/i.exec(range);
  if (match === null)
    throw new BrokenRule(path, 'is not "± number", in the unit of the value or in percent');
  const half = Number(match[1]);
  const width = match[2] === '%' ? (Math.abs(value) * half) / 100 : half;
  if (!Number.isFinite(Math.abs(value) + width))
    throw new BrokenRule(path, 'is too wide for a number');
  return width;
}
