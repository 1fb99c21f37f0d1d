// SPDX-License-Identifier: GPL-2.0-or-later
import { Qemu, runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  COUNT,
  emulator,
  endless,
  InstrumentedBuilds,
  library,
  memoryGuest,
  versions,
} from '#support/instrumented-builds.js';

const ROUNDS = 1000;

describe.each(versions)('QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  const { mounts } = builds;
  beforeAll(() => builds.prepare(), BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  test(
    'QMP loads and unloads, and refuses what cannot be',
    async () => {
      const qemu = await Qemu.start(builds.dynamic.image, [emulator, ...endless], mounts);
      const load = (file: string, ...args: string[]) =>
        qemu.answer('instr-load', { file, ...(args.length > 0 ? { args } : {}) });
      const refusal = (text: string) => ({
        error: { class: 'GenericError', desc: expect.stringContaining(text) },
      });

      expect(await qemu.answer('instr-unload')).toEqual(
        refusal('no instrumentation library is loaded'),
      );
      expect(await load('/none.so')).toEqual(refusal('cannot load instrumentation library'));
      expect(await load('/lib/x86_64-linux-gnu/libz.so.1')).toEqual(refusal('has no qi_init()'));
      expect(await load('/libraries/refuse.so')).toEqual(refusal('refuses: not today'));
      expect(await load('/libraries/threads.so', 'x', 'y z')).toEqual({ return: {} });
      expect(await load('/libraries/threads.so')).toEqual(refusal('already loaded'));
      expect(await load('/libraries/api.so')).toEqual({ return: {} });
      expect(await qemu.answer('instr-unload')).toEqual(refusal('name the file'));
      expect(await qemu.answer('instr-unload', { file: '/none.so' })).toEqual(
        refusal("'/none.so' is not loaded"),
      );
      expect(await qemu.answer('instr-unload', { file: '/libraries/api.so' })).toEqual({
        return: {},
      });
      expect(await qemu.answer('instr-unload')).toEqual({ return: {} });
      const { status, output } = await qemu.quit();

      expect(status).toBe(0);
      expect(output.match(/^CALLS \d+$/gm)).toHaveLength(1);
      expect(output).not.toContain('CALLED');
    },
    BUILD_LIMIT_MS,
  );

  test(
    'the human monitor loads and unloads',
    async () => {
      const qemu = await Qemu.start(builds.dynamic.image, [emulator, ...endless], mounts);

      expect(await qemu.human('help instr-load')).toContain('instr-load file [arg...]');
      expect(await qemu.human('instr-unload')).toBe('Error: no instrumentation library is loaded');
      expect(await qemu.human('instr-load /libraries/api.so first "second one"')).toBe('');
      expect(await qemu.human('instr-load /libraries/api.so "unmatched')).toContain(
        'unmatched quote',
      );
      expect(await qemu.human('instr-unload /none.so')).toContain("'/none.so' is not loaded");
      expect(await qemu.human('instr-unload /libraries/api.so')).toBe('');
      expect(await qemu.human('instr-load /libraries/api.so')).toBe('');
      expect(await qemu.human('instr-unload')).toBe('');
      expect((await qemu.quit()).output).toMatch(/^ARGS 2 \[first\] \[second one\]$/m);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'several libraries have callbacks of one event, and are unloaded one by one',
    async () => {
      const { image, key } = await builds.guestBuild('dynamic');
      for (const name of ['guest-events', 'scoreboard'])
        await builds.compileFor(name, { image, key });
      const both = [...library('guest-events'), ...library('scoreboard')];
      const { status, output } = runIn(image, [emulator, ...memoryGuest, ...both], mounts);
      const [first, second] = [...output.matchAll(/^INSTRUCTIONS (\d+) /gm)].map(([, n]) => n);
      const qemu = await Qemu.start(image, [emulator, ...endless, ...both], mounts);
      await qemu.waitForOutput(/^BEGUN 3$/m);
      await qemu.do('instr-unload', { file: '/libraries/scoreboard.so' });
      await qemu.do('instr-load', { file: '/libraries/scoreboard.so' });
      await qemu.do('instr-unload', { file: '/libraries/guest-events.so' });
      await qemu.do('instr-unload');
      const ended = await qemu.quit();

      expect([status, first]).toEqual([33, second]);
      expect(Number(first)).toBeGreaterThan(COUNT);
      expect([ended.status, ended.output.match(/^(INSTRUCTIONS|STORES) /gm)]).toEqual([
        0,
        ['INSTRUCTIONS ', 'INSTRUCTIONS ', 'STORES ', 'INSTRUCTIONS '],
      ]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    'callbacks of mutex events set callbacks, and guarded trace points fire',
    async () => {
      const { image, key } = await builds.build('dynamic', null, [
        'guest_block_exec',
        'monitor_qmp_cmd_in_band',
        'qemu_mutex_locked',
      ]);
      await builds.compileFor('locks', { image, key });
      const qemu = await Qemu.start(image, [emulator, ...endless], mounts);
      await qemu.do('instr-load', { file: '/libraries/locks.so' });
      await qemu.do('query-status');
      await qemu.waitForOutput(/^COMMAND$/m);
      await qemu.waitForOutput(/^BLOCK$/m);
      await qemu.do('instr-unload');
      const { status, output } = await qemu.quit();

      expect([status, output.includes('stays in memory')]).toEqual([0, false]);
    },
    BUILD_LIMIT_MS,
  );

  test(
    `a library is loaded and unloaded ${ROUNDS} times while four processors fire its events`,
    async () => {
      const qemu = await Qemu.start(builds.dynamic.image, [emulator, ...endless], mounts);
      for (let round = 0; round < ROUNDS; round++) {
        await qemu.do('instr-load', { file: '/libraries/threads.so', args: [String(round)] });
        // Every third library is unloaded at once, the others during calls, even on a busy machine.
        if (round % 3 !== 0) await qemu.waitForOutput(new RegExp(`^BEGUN ${round}$`, 'm'));
        await qemu.do('instr-unload');
      }
      const { status, output } = await qemu.quit();

      expect([status, output.includes('stays in memory')]).toEqual([0, false]);
      const calls = output.match(/^CALLS \d+$/gm)!.map((line) => Number(line.slice(6)));
      expect(calls).toHaveLength(ROUNDS);
      expect(calls.filter((count) => count > 0).length).toBeGreaterThan(ROUNDS / 2);
    },
    BUILD_LIMIT_MS,
  );
});
