// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { keptOn } from '#worker/engine/docker-cache.js';
import { LABEL } from '#worker/engine/engine.js';

const image = (name: string, labels: Record<string, string> = { [LABEL.owner]: '1' }) => ({
  Id: `sha256:${name}`,
  RepoTags: [name],
  Labels: labels,
  Size: 1_000,
  SharedSize: 400,
  Created: 1,
});
const listed = async (...names: (string | ReturnType<typeof image>)[]) => {
  const images = names.map((name) => (typeof name === 'string' ? image(name) : name));
  const docker = { df: async () => ({ Images: images, Volumes: [] }) } as unknown as Docker;
  return (await keptOn(docker).listCached()).map(({ name, bytes }) => [name, bytes]);
};

test('builds, trees, workloads and patched sources count for the budget and can be removed', async () => {
  const removable = [
    'qibench/build:0123456789abcdef',
    'qibench/tree:7.2-0123456789abcdef',
    'qibench/workload:port-io-0123456789abcdef',
    'qibench/source:7.2-patched-0123456789abcdef',
    'qibench/source:7.2-chosen-0123456789abcdef',
    'qibench/toolchain:sid-chosen-clang-19-0123456789abcdef',
    `qibench/source:10.0-patched-${'0123456789abcdef'.repeat(4)}`,
  ];

  expect(await listed(...removable)).toEqual(removable.map((name) => [name, 600]));
});

test('unpatched sources, toolchains, runners and images of other programs stay', async () => {
  expect(
    await listed(
      'qibench/source:7.2-0123456789abcdef',
      'qibench/toolchain:bookworm-0123456789abcdef',
      'qibench/runner:0123456789abcdef',
      'other/source:7.2-patched-0123456789abcdef',
      image('qibench/source:7.2-patched-0123456789abcdef', {}),
    ),
  ).toEqual([]);
});
