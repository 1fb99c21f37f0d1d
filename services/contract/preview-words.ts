// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPreview } from './preview.js';
import { expectationWords, waitWords } from './progress-words.js';

/** Describes what a job costs before it is submitted, a sentence per line. */
export function previewWords(preview: JobPreview): string[] {
  const { plan, builds, libraries, runs, runsPerBlock, buildSeconds, blocksWithin } = preview;
  const compiled = libraries === 0 ? '' : `, and ${counted(libraries, 'library', 'libraries')}`;
  const buildTime =
    buildSeconds === null
      ? 'no estimate: nothing was built for this target yet'
      : `about ${waitWords(buildSeconds)} if none is cached`;
  const workloads = counted(plan.workloads.length, 'workload');
  return [
    `${counted(plan.variants.length, 'variant')} with ${workloads}`,
    `${counted(builds, 'build')}${compiled}: ${buildTime}`,
    `${counted(runsPerBlock, 'run')} a block, at most ${runs} in at most ` +
      `${waitWords(preview.measureSeconds)}${preview.assumed ? ', if a run takes 0.1 s' : ''}`,
    expectationWords(plan),
    ...(blocksWithin === null ? [] : shortOf(preview, blocksWithin)),
  ];
}

/** Warns where the time of a job ends before one of its comparisons can be decided. */
function shortOf(
  { plan, fewestBlocks, measureSeconds }: JobPreview,
  blocksWithin: number,
): string[] {
  if (fewestBlocks === null || blocksWithin >= fewestBlocks) return [];
  const needed = Math.ceil((measureSeconds * fewestBlocks) / Math.max(1, blocksWithin));
  return [
    `about ${counted(blocksWithin, 'block')} fit in ${waitWords(plan.withinSeconds!)}, and a ` +
      `difference is decided after ${fewestBlocks} at the earliest: raise measure.within to ` +
      `${waitWords(needed)} or more, or measure fewer values`,
  ];
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
