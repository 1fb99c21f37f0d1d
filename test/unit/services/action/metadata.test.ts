// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Judgement } from '#action/gate.js';
import { settingsOf } from '#action/settings.js';

interface Type {
  readonly type: 'string' | 'boolean' | 'float' | 'enum';
  readonly 'allowed-values'?: readonly string[];
}
const action = parse(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { default: string }>;
  outputs: Record<string, { description: string }>;
};
const types = parse(readFileSync('action-types.yml', 'utf8')) as {
  inputs: Record<string, Type>;
  outputs: Record<string, Type>;
};
const sources = readdirSync('services/action', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join('services/action', path), 'utf8'));
const inputsWith =
  (values: Record<string, string> = {}) =>
  (name: string) =>
    values[name] ??
    (name === 'server-url' ? 'https://bench.example' : action.inputs[name]!.default);

test('every input is both read and declared', () => {
  const read = new Set<string>();
  settingsOf((name) => inputsWith()((read.add(name), name)));

  expect([...read].sort()).toEqual(Object.keys(action.inputs).sort());
  const others = sources.flatMap((text) => [...text.matchAll(/getInput|INPUT_/g)]);
  expect(others).toHaveLength(1); // the place that reads settings
});

test('every output is both written and declared', () => {
  const written = new Set(
    sources.flatMap((text) => [...text.matchAll(/setOutput\('([^']+)'/g)].map(([, name]) => name!)),
  );

  expect([...written].sort()).toEqual(Object.keys(action.outputs).sort());
});

test('action-types.yml has a type for each input and output, in their order', () => {
  expect(Object.keys(types.inputs)).toEqual(Object.keys(action.inputs));
  expect(Object.keys(types.outputs)).toEqual(Object.keys(action.outputs));
});

const TAKES: Record<
  Type['type'],
  (type: Type) => { good: readonly string[]; bad: readonly string[] }
> = {
  string: () => ({ good: [], bad: [] }),
  boolean: () => ({ good: ['true', 'false'], bad: ['yes', ''] }),
  float: () => ({ good: ['1', '0.5'], bad: ['x', '', '-1'] }),
  enum: ({ 'allowed-values': values }) => ({ good: values!, bad: ['other', ''] }),
};

test.each(Object.entries(types.inputs))(
  'input %s has the type of action-types.yml',
  (name, type) => {
    const { good, bad } = TAKES[type.type](type);

    for (const value of good) expect(() => settingsOf(inputsWith({ [name]: value }))).not.toThrow();
    for (const value of bad)
      expect(() => settingsOf(inputsWith({ [name]: value }))).toThrow(`input ${name}`);
  },
);

test('an enumerated input lists all its values in action-types.yml', () => {
  for (const [name, { type, 'allowed-values': values }] of Object.entries(types.inputs)) {
    if (type !== 'string') continue;
    expect(values).toBeUndefined();
    if (
      name === 'server-url' ||
      name === 'project' ||
      name === 'instrumentation' ||
      name === 'job-file'
    )
      continue; // texts with a syntax
    expect(() => settingsOf(inputsWith({ [name]: 'any text' }))).not.toThrow();
  }
});

test("the declared statuses equal the code's, and action.yml documents each", () => {
  const known: Record<Judgement['status'] | 'packed', true> = {
    succeeded: true,
    failed: true,
    'service-failed': true,
    'timed-out': true,
    cancelled: true,
    unchanged: true,
    skipped: true,
    submitted: true,
    packed: true,
  };

  expect([...types.outputs.status!['allowed-values']!].sort()).toEqual(Object.keys(known).sort());
  for (const status of Object.keys(known))
    expect(action.outputs.status!.description).toContain(status);
});
