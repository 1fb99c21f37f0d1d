// SPDX-License-Identifier: GPL-2.0-or-later
import type { Profile } from '#contract/profile.js';
import { changesByName, flameLayout, neighbour } from '#dashboard/pages/profile/flame-layout.js';
import { newProfile } from '#support/profile.js';

const TREE: Profile['tree'] = [
  { parent: -1, name: 'main', part: 'start-up', self: 10 },
  { parent: 0, name: 'gen', part: 'translation', self: 30 },
  { parent: 0, name: 'loop', part: 'execution-loop', self: 10 },
  { parent: 2, name: 'helper', part: 'helpers', self: 40 },
  { parent: -1, name: 'thread', part: 'idle', self: 10 },
];
const placed = (zoomed: number | null) =>
  flameLayout(TREE, zoomed).map(({ frame, depth, left, width, total }) => [
    frame.name,
    depth,
    Number(left.toFixed(6)),
    Number(width.toFixed(6)),
    total,
  ]);

test('a frame is as wide as its cost with everything below, the most expensive on the left', () => {
  expect(placed(null)).toEqual([
    ['main', 0, 0, 0.9, 90],
    ['loop', 1, 0, 0.5, 50],
    ['helper', 2, 0, 0.4, 40],
    ['gen', 1, 0.5, 0.3, 30],
    ['thread', 0, 0.9, 0.1, 10],
  ]);
});

test('a zoomed frame takes the whole width, below its callers', () => {
  expect(placed(2)).toEqual([
    ['main', 0, 0, 1, 90],
    ['loop', 1, 0, 1, 50],
    ['helper', 2, 0, 0.8, 40],
  ]);
});

test('frames too narrow to be seen are left out', () => {
  const tree: Profile['tree'] = [
    { parent: -1, name: 'wide', part: 'helpers', self: 10_000 },
    { parent: -1, name: 'narrow', part: 'helpers', self: 9 },
  ];

  expect(flameLayout(tree, null).map(({ frame }) => frame.name)).toEqual(['wide']);
});

test.each([
  [2, 'ArrowUp', 0],
  [0, 'ArrowUp', null],
  [0, 'ArrowDown', 2],
  [3, 'ArrowDown', null],
  [2, 'ArrowRight', 1],
  [1, 'ArrowLeft', 2],
  [2, 'ArrowLeft', null],
  [2, 'a', null],
])('from frame %d, %s moves to %p', (from, key, to) => {
  expect(neighbour(flameLayout(TREE, null), from, key)).toBe(to);
});

test('the change of a function is over all its frames, as a share of the larger profile', () => {
  const other: Profile['tree'] = [
    { parent: -1, name: 'main', part: 'start-up', self: 10 },
    { parent: 0, name: 'helper', part: 'helpers', self: 15 },
    { parent: 0, name: 'gone', part: 'helpers', self: 5 },
  ];

  const changes = changesByName(
    newProfile([], { tree: TREE, total: 100 }),
    newProfile([], { tree: other, total: 30 }),
  );
  expect([changes.get('main'), changes.get('helper'), changes.get('gone')]).toEqual([
    0, 0.25, -0.05,
  ]);
});
