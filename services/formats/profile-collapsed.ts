// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile, ProfileFrame } from '#contract/profile.js';

/**
 * Collapsed stacks, as flamegraph.pl, inferno and speedscope read them: a line per stack, its
 * frames from the root separated by semicolons, then its cost.
 *
 * @see https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
export function writeCollapsed({ tree }: Pick<Profile, 'tree'>): string {
  const stacks: string[] = [];
  const lines = tree.map((frame) => {
    const { parent, self } = frame;
    const stack = `${parent === -1 ? '' : `${stacks[parent]};`}${nameOf(frame)}`;
    stacks.push(stack);
    return self > 0 ? `${stack} ${self}\n` : '';
  });
  return lines.join('');
}

/** A semicolon would end the frame's name, and a line break the stack. */
const nameOf = ({ name }: ProfileFrame): string => name.replace(/;/g, ':').replace(/\s/g, '_');
