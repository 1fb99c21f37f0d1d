// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Comparison } from '#contract/comparison.js';
import type { ExplanationList } from '#contract/explanation.js';
import type { VariantCode } from '#contract/machine-code.js';
import type { Profile, ProfileList } from '#contract/profile.js';
import { claimJob } from '#store/jobs.js';
import {
  expireProfileFiles,
  getProfile,
  listMachineCode,
  listProfiles,
  storeMachineCode,
  storeProfile,
} from '#store/profiles.js';
import { removeOldJobs } from '#store/retention.js';
import { openStore, type Store } from '#store/store.js';
import { acceptTestJob } from '#support/accepted-job.js';
import { startApi } from '#support/api-process.js';
import { measuredJob } from '#support/measured-job.js';
import { ownDatabase } from '#support/own-database.js';
import { newProfile, profileFunction, PROFILER_FILE } from '#support/profile.js';
import { newSampleOf } from '#support/sample.js';

const execute = promisify(execFile);
const callback = profileFunction({
  name: 'qi_event_x',
  object: 'libtrace-instrument.so',
  file: 'count.h',
  part: 'instrumentation',
  self: 400_000,
  lines: [{ line: 30, self: 400_000 }],
});
const DYNAMIC = newProfile([profileFunction(), callback], { variant: 'dynamic', events: '100000' });

const CODE: VariantCode = {
  variant: 'dynamic',
  side: 'head',
  textBytes: 4,
  dataBytes: 1,
  functions: [{ name: 'serial_write', bytes: 54, instructions: 20, stackStores: 2 }],
  points: [
    {
      event: 'x',
      function: 'serial_write',
      callback: 'called',
      instructions: 3,
      bytes: 12,
      slowBytes: 10,
      listing: [
        {
          offset: 0,
          bytes: 3,
          text: 'test %rax,%rax',
          source: 'trace/trace-hw_char.h:12',
          own: true,
        },
      ],
    },
  ],
};

let store: Store;
let database: Awaited<ReturnType<typeof ownDatabase>>;
beforeAll(async () => {
  database = await ownDatabase('profiles');
  store = await openStore(database.url);
}, 60_000);
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function leased(): Promise<{ id: string; epoch: number }> {
  const { id } = await acceptTestJob(store);
  return { id, epoch: (await claimJob(store, id, 'w'))!.epoch };
}
const sampleBytes = async (id: string): Promise<number> =>
  (
    await store.pool.query<{ bytes: number }>(
      'SELECT sample_bytes::float8 AS bytes FROM job WHERE id = $1',
      [id],
    )
  ).rows[0]!.bytes;
const RUN = { variant: 'none', side: 'head', workload: 'w' } as const;

describe('a stored profile', () => {
  test('is read as it was written', async () => {
    const { id, epoch } = await leased();
    const { file: _, ...profile } = newProfile();
    await storeProfile(store, id, epoch, newProfile());

    expect(await getProfile(store, id, RUN)).toEqual(profile);
    expect(await getProfile(store, id, { ...RUN, side: 'base' })).toBeNull();
  });

  test('replaces the profile of an earlier attempt, and is counted once', async () => {
    const { id, epoch } = await leased();
    await storeProfile(store, id, epoch, newProfile());
    const bytes = await sampleBytes(id);
    expect(bytes).toBeGreaterThan(500);

    await storeProfile(store, id, epoch, newProfile());

    expect(await sampleBytes(id)).toBe(bytes);
    expect(await listProfiles(store, id)).toHaveLength(1);
  });

  test('of a lost lease is refused', async () => {
    const { id, epoch } = await leased();

    await expect(storeProfile(store, id, epoch - 1, newProfile())).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect(await listProfiles(store, id)).toEqual([]);
  });

  test("loses the profiler's file with its age, not its functions", async () => {
    const { id, epoch } = await leased();
    const old = new Date(Date.now() - 10 * 86_400_000).toISOString();
    await storeProfile(store, id, epoch, newProfile(undefined, { takenAt: old }));
    const before = await sampleBytes(id);

    expect(await expireProfileFiles(store, 11)).toBe(0);
    expect(await expireProfileFiles(store, 9)).toBe(1);
    expect(await expireProfileFiles(store, 9)).toBe(0);

    expect(await getProfile(store, id, RUN)).toMatchObject({ fileBytes: null, total: 1_000_000 });
    expect(before - (await sampleBytes(id))).toBe(newProfile().file.length);
  });

  test('goes with its job', async () => {
    const id = await measuredJob(store, [newSampleOf({ block: 1 })]);
    await store.pool.query('UPDATE job SET finished_at = $2 WHERE id = $1', [id, '2020-01-01']);
    const { rows } = await store.pool.query<{ epoch: number }>(
      'SELECT epoch FROM job WHERE id = $1',
      [id],
    );
    await storeProfile(store, id, rows[0]!.epoch, newProfile());

    await removeOldJobs(store, '', 365);

    expect(await listProfiles(store, id)).toEqual([]);
  });
});

test('machine code replaces the code of an earlier attempt, and goes with its job', async () => {
  const { id, epoch } = await leased();
  for (const textBytes of [1, 2]) await storeMachineCode(store, id, epoch, { ...CODE, textBytes });

  expect(await listMachineCode(store, id)).toEqual([{ ...CODE, textBytes: 2 }]);
  expect(await sampleBytes(id)).toBe(Buffer.byteLength(JSON.stringify(CODE)));
  await store.pool.query("UPDATE job SET finished_at = '2020-01-01' WHERE id = $1", [id]);
  await removeOldJobs(store, '', 365);
  expect(await listMachineCode(store, id)).toEqual([]);
});

describe('the profiles of a measured job', () => {
  let id: string;
  let server: string;
  let get: <T>(path: string) => Promise<T>;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const api = await startApi({ DATABASE_URL: database.url });
    ({ stop } = api);
    ({ server } = api.client);
    get = (path) => api.client.get(path);
    id = await measuredJob(
      store,
      [1, 2, 3, 4, 5, 6].flatMap((block) =>
        ['none', 'dynamic'].map((variant, position) =>
          newSampleOf({ workload: 'w', variant, block, position }),
        ),
      ),
    );
    for (const profile of [newProfile(), DYNAMIC]) await storeProfile(store, id, 1, profile);
    await storeMachineCode(store, id, 1, CODE);
  }, 60_000);
  afterAll(() => stop());
  const command = async (...words: string[]) =>
    (await execute(process.execPath, ['dist/services/cli/main.js', '--server', server, ...words]))
      .stdout;

  test('are listed, and each is read with its functions and its tree', async () => {
    const { profiles } = await get<ProfileList>(`/v1/jobs/${id}/profiles`);
    expect(profiles.map(({ variant, total }) => [variant, total])).toEqual([
      ['dynamic', 1_400_000],
      ['none', 1_000_000],
    ]);
    const profile = await get<Profile>(`/v1/jobs/${id}/profile?variant=dynamic&workload=w`);
    expect(profile.functions).toEqual([profileFunction(), callback]);
    await expect(get(`/v1/jobs/${id}/profile?variant=static&workload=w`)).rejects.toMatchObject({
      message: 'no profile "w under static"',
    });
  });

  test('explain the difference in the comparison, briefly, and in full', async () => {
    const { explanations } = await get<Comparison>(`/v1/jobs/${id}/comparison`);
    expect(explanations).toHaveLength(1);
    expect(explanations[0]!.causes).toEqual([
      {
        name: 'qi_event_x',
        object: 'libtrace-instrument.so',
        file: 'count.h',
        part: 'instrumentation',
        line: 30,
        before: 0,
        after: 400_000,
        low: null,
        high: null,
        share: 1,
        perEvent: 4,
      },
    ]);
    const full = await get<ExplanationList>(`/v1/jobs/${id}/why`);
    expect(full.explanations[0]!.functions.map(({ name }) => name)).toEqual(['qi_event_x']);
  });

  test('are explained by the command', async () => {
    const cause =
      '  100 % by qi_event_x (count.h:30), callbacks of the instrumentation: ' +
      '+400 k instructions, 4 per event';

    expect(await command('why', id)).toContain(
      `dynamic over none with w: +400 k instructions (+40.0 %)\n${cause}\n`,
    );
    expect(await command('show', id)).toContain(
      `why: dynamic over none with w: +400 k instructions (+40.0 %)\n${cause}\n`,
    );
    expect(await command('profile', 'list', id)).toMatch(
      /dynamic .* 1\.4 M instructions .* 71\.4 %/,
    );
  });

  test('come with the machine code of trace points', async () => {
    const shown = await command('profile', 'code', id);
    expect(shown).toMatch(/x in serial_write .* 3 in 12 B, 10 B elsewhere, called/);
    expect(shown).toMatch(/serial_write .* 54 B, 2 saved/);
    expect(await command('profile', 'code', id, '--listing', 'dynamic')).toBe(
      'x in serial_write, dynamic:\n' +
        `>      0  ${'test %rax,%rax'.padEnd(56)}  trace/trace-hw_char.h:12\n`,
    );
  });

  test("can be saved as the profiler's file", async () => {
    const run = ['--workload', 'w', '--variant', 'dynamic'];
    const output = `${process.env.TMPDIR ?? '/tmp'}/qibench-profile-${id}`;
    await command('profile', 'save', id, ...run, '--output', output);

    expect(await readFile(output, 'utf8')).toBe(PROFILER_FILE);
    expect(await command('profile', 'save', id, ...run, '--format', 'collapsed')).toBe(
      'serial_write 1000000\nqi_event_x 400000\n',
    );
  });
});
