// SPDX-License-Identifier: GPL-2.0-or-later
import { treeEvents } from '#worker/build/tree-events.js';
import { packFiles } from '#worker/build/tar.js';
import { testContext } from '#support/context.js';
import type { Engine } from '#worker/engine/engine.js';

const eventsOf = (list: string) => {
  const backend = {
    create: async () => 'container',
    copyOut: async () => packFiles([{ path: 'trace-events-all', content: list }]),
    remove: async () => undefined,
  } as unknown as Engine;
  return treeEvents({ ...testContext(process.cwd()), backend }, 'image', 'x86_64-softmmu', 'mine');
};
const listOf = (count: number, format = '') =>
  Array.from({ length: count }, (_, number) => `event_${number}(int a) "${format}"\n`).join('');

test("a tree has the events of its build's list", async () => {
  expect(await eventsOf('# x\nwake(int cpu) "cpu %d"\n')).toEqual([
    {
      name: 'wake',
      directory: '',
      arguments: [{ type: 'int', name: 'cpu' }],
      properties: [],
      kinds: ['softmmu'],
    },
  ]);
});

test.each([
  ['has more events than a plan can have', listOf(10_001), 'SOURCE_REFUSED'],
  ['is larger than the list of any QEMU', listOf(300, 'x'.repeat(8_000)), 'TOO_LARGE'],
  ['is not a list of events', 'hello', 'SOURCE_REFUSED'],
  ['has a name that is not one of an event', `${'x'.repeat(200)}(void)`, 'SOURCE_REFUSED'],
])('a tree whose list %s is refused', async (_, list, code) => {
  await expect(eventsOf(list)).rejects.toMatchObject({ code });
});
