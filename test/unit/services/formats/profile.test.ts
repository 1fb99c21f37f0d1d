// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile } from '#contract/profile.js';
import { writeCollapsed } from '#formats/profile-collapsed.js';
import { writeSpeedscope } from '#formats/profile-speedscope.js';
import { newProfile, profileFunction } from '#support/profile.js';

const TREE: Profile['tree'] = [
  { parent: -1, name: 'main', part: 'start-up', self: 10 },
  { parent: 0, name: 'cpu_exec', part: 'execution-loop', self: 0 },
  { parent: 1, name: 'odd name; of\na program', part: 'helpers', self: 30 },
  { parent: 1, name: 'serial_write', part: 'devices', self: 60 },
];
const profile = newProfile([profileFunction()], { variant: 'dynamic', side: 'base', tree: TREE });

test('collapsed stacks have a line per stack with a cost, and names cannot break it', () => {
  expect(writeCollapsed(profile)).toBe(
    'main 10\n' + 'main;cpu_exec;odd_name:_of_a_program 30\n' + 'main;cpu_exec;serial_write 60\n',
  );
});

/** What speedscope's file-format-spec requires of a sampled profile. */
interface Speedscope {
  readonly $schema: string;
  readonly shared: { readonly frames: readonly { name: string; file?: string }[] };
  readonly profiles: readonly {
    type: string;
    unit: string;
    startValue: number;
    endValue: number;
    samples: readonly (readonly number[])[];
    weights: readonly number[];
  }[];
}

test('a document of speedscope has as many weights as stacks, from the root, with their sum', () => {
  const { shared, profiles, $schema } = JSON.parse(writeSpeedscope(profile)) as Speedscope;
  const [{ type, samples, weights, startValue, endValue }] = profiles as [
    Speedscope['profiles'][number],
  ];

  expect([$schema, type, profiles.length]).toEqual([
    'https://www.speedscope.app/file-format-schema.json',
    'sampled',
    1,
  ]);
  expect([weights, startValue, endValue]).toEqual([[10, 30, 60], 0, 100]);
  expect(samples.map((stack) => stack.map((index) => shared.frames[index]!.name))).toEqual([
    ['main'],
    ['main', 'cpu_exec', 'odd name; of\na program'],
    ['main', 'cpu_exec', 'serial_write'],
  ]);
  expect(shared.frames.at(-1)).toEqual({ name: 'serial_write', file: 'hw/char/serial.c' });
});
