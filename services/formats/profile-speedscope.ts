// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile } from '#contract/profile.js';

/**
 * The file format of speedscope, which Firefox Profiler and other viewers read too: one sampled
 * profile with a stack per frame of the tree that has a cost of its own.
 *
 * @see https://www.speedscope.app/file-format-schema.json
 */
export function writeSpeedscope(profile: Profile): string {
  const { tree, variant, side, workload, unit, functions } = profile;
  const files = new Map(functions.map(({ name, file }) => [name, file]));
  const names = [...new Set(tree.map(({ name }) => name))];
  const indices = new Map(names.map((name, index) => [name, index]));
  const stacks: number[][] = [];
  for (const { parent, name } of tree)
    stacks.push([...(parent === -1 ? [] : stacks[parent]!), indices.get(name)!]);
  const counted = tree.flatMap(({ self }, index) => (self > 0 ? [index] : []));
  const title = `${variant}${side === 'base' ? '@base' : ''} with ${workload}, in ${unit}`;
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'qibench',
    name: title,
    activeProfileIndex: 0,
    shared: {
      frames: names.map((name) => {
        const file = files.get(name) ?? '';
        return file === '' ? { name } : { name, file };
      }),
    },
    profiles: [
      {
        type: 'sampled',
        name: title,
        unit: 'none',
        startValue: 0,
        endValue: counted.reduce((sum, index) => sum + tree[index]!.self, 0),
        samples: counted.map((index) => stacks[index]!),
        weights: counted.map((index) => tree[index]!.self),
      },
    ],
  });
}
