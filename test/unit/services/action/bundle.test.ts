// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settingsOf } from '#action/settings.js';

const { inputs, outputs, runs } = parse(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string; post: string };
};

test('the committed bundle equals the build of the sources, byte for byte', async () => {
  const { bundle } = (await import(
    pathToFileURL(join(process.cwd(), 'services/action/build.mjs')).href
  )) as { bundle: () => Promise<Map<string, string>> };

  for (const [name, text] of await bundle())
    expect(readFileSync(`services/action/dist/${name}`, 'utf8') === text).toBe(true);
}, 60_000);

test('action.yml runs the bundle', () => {
  expect(runs).toEqual({
    using: 'node24',
    main: 'services/action/dist/main.js',
    post: 'services/action/dist/main.js',
  });
});

test('every input and output has a description, and the defaults are valid settings', () => {
  for (const { description } of [...Object.values(inputs), ...Object.values(outputs)])
    expect(description.length).toBeGreaterThan(10);
  expect(
    settingsOf((name) => (name === 'server-url' ? 'https://bench.example' : inputs[name]!.default)),
  ).toMatchObject({
    mode: 'run',
    failOn: 'regression',
    base: 'merge-base',
    jobFile: '.qibench.yaml',
  });
});
