// SPDX-License-Identifier: GPL-2.0-or-later
// Shows what works on which QEMU version: `npm run versions`, with optional versions as arguments.
// Runs the conformance suite of each version, for every target and with the long builds that CI
// leaves out, and prints the results as the tables of docs/instrumentation.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readVersions } from '#worker/build/versions.js';
import { markdownTable } from '../test/bench/table.js';

/** The suites whose tests are cells of a table: groups are rows, titles begin with their column. */
const MATRICES = {
  'system-targets': 'systems',
  'user-targets': 'user mode',
  'option-builds': 'builds with options',
} as const;

interface Outcome {
  readonly version: string;
  readonly suite: string;
  readonly group: string;
  readonly title: string;
  readonly passed: boolean;
}

/** Part of jest's report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Runs the conformance tests of a version. */
function conformance(version: string): Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-versions-'));
  const file = join(folder, 'result.json');
  const jest = ['run', '--silent', 'test:conformance', '--'];
  const pattern = `QEMU ${version.replace('.', '\\.')} `;
  spawnSync('npm', [...jest, '--json', `--outputFile=${file}`, '-t', pattern], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, QIBENCH_MATRIX: '1' },
  });
  // A run that was stopped leaves no report; the tables of the other versions are printed.
  const { testResults }: Report = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Report)
    : { testResults: [] };
  rmSync(folder, { recursive: true });
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ ancestorTitles, title, status }) => ({
        version,
        suite: basename(name, '.test.js'),
        group: ancestorTitles.join(' '),
        title,
        passed: status === 'passed',
      })),
  );
}

const unique = (words: readonly string[]) => [...new Set(words)];

/** Table of a suite's tests: the part of the title before the colon is the column. */
function matrix(suite: keyof typeof MATRICES, outcomes: readonly Outcome[]): string {
  const cells = outcomes
    .filter((outcome) => outcome.suite === suite)
    .map((outcome) => ({ ...outcome, column: outcome.title.split(':')[0]! }));
  const columns = unique(cells.map(({ column }) => column));
  const rows = unique(cells.map(({ group }) => group)).map((group) => {
    const inRow = columns.map((column) =>
      cells.find((cell) => cell.group === group && cell.column === column),
    );
    return [group, ...inRow.map((cell) => (cell === undefined ? '–' : passedOrFailed(cell)))];
  });
  return markdownTable([MATRICES[suite], ...columns], rows);
}

const passedOrFailed = ({ passed }: Outcome) => (passed ? 'equal' : 'FAILED');

/** Table of the other suites, per version. */
function suites(versions: readonly string[], outcomes: readonly Outcome[]): string {
  const others = outcomes.filter(({ suite }) => !(suite in MATRICES));
  const rows = unique(others.map(({ suite }) => suite)).map((suite) => {
    const cells = versions.map((version) => {
      const tests = others.filter(
        (outcome) => outcome.suite === suite && outcome.version === version,
      );
      const passed = tests.filter((outcome) => outcome.passed).length;
      return tests.length === 0 ? '–' : `${passed} of ${tests.length}`;
    });
    return [`\`${suite}\``, ...cells];
  });
  return markdownTable(['suite', ...versions], rows);
}

const chosen =
  process.argv.length > 2 ? process.argv.slice(2) : Object.keys(await readVersions(process.cwd()));
const outcomes = chosen.flatMap(conformance);
const tables = [
  ...(Object.keys(MATRICES) as (keyof typeof MATRICES)[]).map((suite) => matrix(suite, outcomes)),
  suites(chosen, outcomes),
];
process.stdout.write(tables.join('\n'));
const complete = chosen.every((version) => outcomes.some((outcome) => outcome.version === version));
process.exit(complete && outcomes.every(({ passed }) => passed) ? 0 : 1);
