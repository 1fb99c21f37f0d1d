// SPDX-License-Identifier: GPL-2.0-or-later
import { judge, type Ending } from '#action/gate.js';
import { outcomeOf } from '#action/outcome.js';
import { reportOf } from '#action/report.js';
import { endText } from '#api/webhook/report.js';
import { bisectionText } from '#cli/bisect-file.js';
import { compareOutcomes } from '#cli/reproduce.js';
import { comparisonText, reproductionText } from '#cli/table.js';
import type { Comparison, JobComparison } from '#contract/comparison.js';
import { findingsOf } from '#contract/findings.js';
import { compareJob } from '#domain/comparison.js';
import { comparisonBadge } from '#formats/badge.js';
import { writeCustomSmallerIsBetter } from '#formats/custom-smaller-is-better.js';
import { writeJunit } from '#formats/junit.js';
import { exampleReport } from '#support/example-report.js';

// Every reader of a ratio sees the minimum detectable effect: 12.3 % here, a value that no other
// figure has.
const DETECTABLE = 1.123;
const SHOWN = /12\.3 %/g;

const marked = (comparison: JobComparison): Comparison => {
  const mark = <R extends { ratio: unknown; minimumDetectableRatio: number | null }>(row: R): R =>
    row.ratio === null ? row : { ...row, minimumDetectableRatio: DETECTABLE };
  return {
    ...comparison,
    rows: comparison.rows.map(mark),
    sides: comparison.sides.map(mark),
    changes: comparison.changes.map(mark),
    advisory: false,
    advisoryReasons: [],
    reproduce: '',
    link: '',
  };
};
const report = exampleReport(['port-io'], 1, 1.1, 1.1);
const alone = exampleReport(['port-io']);
const [compared, costs] = [marked(report.comparison), marked(alone.comparison)];

const actionText = (comparison: Comparison) => {
  const ending: Ending = {
    type: 'measured',
    job: {
      ...report.job,
      request: { qemu: { version: '7.2', target: 'x86_64-softmmu' } },
    } as never,
    comparisons: [comparison],
    outcome: outcomeOf([comparison]),
  };
  const judgement = judge(ending, { failOn: 'regression', onServiceError: 'fail' });
  return reportOf(ending, judgement, {
    name: 'n',
    headSha: 'abc',
    baseSha: null,
    page: null,
    notes: [],
  })
    .flatMap(({ lines, rows = [] }) => [...lines, ...rows])
    .join('\n');
};
const outcome = (comparison: JobComparison) => ({
  workloads: report.job.plan.workloads,
  builds: [],
  comparison,
});
const again = () => reproductionText(compareOutcomes(outcome(compared), outcome(compared)));
const bisection = () =>
  bisectionText({
    same: 0,
    changed: 1,
    unclear: [],
    candidates: [
      { name: 'monday', version: '7.2' },
      { name: 'tuesday', version: '10.0' },
    ],
    trials: [
      {
        candidate: 1,
        attempt: 1,
        jobId: 'j',
        answer: 'changed',
        seen: { ratio: compared.sides[0]!.ratio, minimumDetectableRatio: DETECTABLE },
      },
    ],
  });

// With a base: one overhead per side, two variants, one change of overhead.
test.each<[string, () => string, number]>([
  ['the tables of the command', () => comparisonText(compared), 5],
  ['the table of a job without a base', () => comparisonText(costs), 1],
  ['the table of a reproduced job', again, 5],
  ['the table of a bisection', bisection, 1],
  ['the tables of the Action', () => actionText(compared), 5],
  ['the table of the Action without a base', () => actionText(costs), 1],
  ['the comment of a webhook', () => endText(findingsOf([compared]), false), 1],
  [
    'the failures in JUnit',
    () => writeJunit({ ...report, comparisons: [compared] }).replaceAll(/<property .*/g, ''),
    2,
  ],
  ['a badge', () => comparisonBadge(compared, {}, false).message, 1],
  ["a badge of a variant's cost", () => comparisonBadge(costs, {}, false).message, 1],
])('%s show the minimum detectable effect beside every ratio', (_, text, times) => {
  expect(text().match(SHOWN)).toHaveLength(times);
});

test('JUnit and custom-smaller-is-better contain it as a number, for every ratio', () => {
  expect(
    writeJunit({ ...alone, comparisons: [costs] }).match(
      /name="minimumDetectableRatio" value="1.123"/g,
    ),
  ).toHaveLength(1);
  const entries = JSON.parse(writeCustomSmallerIsBetter({ ...alone, comparison: costs })) as {
    name: string;
    extra: string;
  }[];
  expect(
    entries.filter(({ extra }) => extra.endsWith('\nMDE: 1.123')).map(({ name }) => name),
  ).toEqual(['port-io/dynamic wallRatio']);
});

test(
  "the Action outputs every comparison's minimum detectable effect, or the variants' against " +
    'the baseline',
  () => {
    expect(outcomeOf([compared]).minimumDetectableEffect).toBeCloseTo(0.123);
    expect(outcomeOf([costs]).minimumDetectableEffect).toBeCloseTo(0.123);
    expect(outcomeOf([{ ...costs, rows: [] }]).minimumDetectableEffect).toBeNull();
  },
);

test(
  'six blocks of five comparisons cannot detect a single difference, and every table says so ' +
    'with a remedy',
  () => {
    const {
      job: { plan },
      samples,
    } = report;
    const comparison = compareJob(
      'j',
      { ...plan, blocks: 6, batches: 1 },
      samples.filter(({ block }) => block <= 6),
    );
    expect(comparison).toMatchObject({ comparisons: 5, fewestBlocks: 8 });
    expect(
      [...comparison.rows, ...comparison.sides, ...comparison.changes].map(
        ({ minimumDetectableRatio }) => minimumDetectableRatio,
      ),
    ).not.toContainEqual(expect.any(Number));
    const few =
      '6 blocks cannot detect a single difference among 5 comparisons, however large it is: ' +
      'that takes at least 8.';
    const shown = { ...compared, ...comparison };
    expect(comparisonText(shown)).toContain(`\n${few}\n`);
    expect(actionText(shown)).toContain(few);
    expect(endText(findingsOf([shown]), false)).toContain(
      'too few blocks to detect a difference in one comparison alone',
    );
    expect(comparisonText(costs)).not.toContain('however large');
  },
);
