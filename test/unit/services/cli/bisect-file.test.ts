// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bisectFile, bisectionText } from '#cli/bisect-file.js';
import type { Client } from '#cli/client.js';
import type { JobRequest } from '#contract/job.js';

const interval = {
  ratio: 1.004,
  low: 1.003,
  high: 1.005,
  confidence: 0.95,
  method: 'bca-bootstrap',
  blocks: 12,
};
const id = '00000000-0000-4000-8000-000000000001';

/** A service where every job has ended with this verdict; submitted requests are recorded. */
function service(verdict: string) {
  const submitted: JobRequest[] = [];
  const ended = {
    sequence: 1,
    at: '2026-01-01T00:00:00.000Z',
    body: { type: 'state', state: 'succeeded', error: null },
  };
  const client = {
    post: async (_: string, request: JobRequest) => (submitted.push(request), { id }),
    open: async () => ({
      body: (async function* () {
        yield Buffer.from(`id: 1\ndata: ${JSON.stringify(ended)}\n\n`);
      })(),
    }),
    get: async (path: string) =>
      path.includes('/comparison')
        ? {
            sides: [
              {
                variant: 'none',
                workload: 'w',
                verdict,
                ratio: interval,
                minimumDetectableRatio: 1.002,
              },
            ],
          }
        : { id, state: 'succeeded', plan: { blocks: 12, batches: 2, variants: [], workloads: [] } },
  };
  return { client: client as unknown as Client, submitted };
}

describe('a bisection', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'qibench-bisect-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const bisected = (metric: string, verdict: string, changes: object = {}) => {
    const file = join(folder, 'bisect.yaml');
    const job = {
      name: 'b',
      qemu: { version: '7.2', target: 'x86_64-linux-user' },
      variants: ['none'],
      workloads: [{ name: 'w' }],
      measure: { threshold: 0.001 },
      thresholds: [{ workload: 'w', threshold: 0.5 }],
      ...changes,
    };
    writeFileSync(
      file,
      JSON.stringify({
        job,
        variant: 'none',
        workload: 'w',
        metric,
        candidates: [
          { name: 'old', version: '7.2' },
          { name: 'new', version: '10.0' },
        ],
      }),
    );
    const { client, submitted } = service(verdict);
    return { submitted, done: bisectFile(client, file, { write: () => true } as never) };
  };

  test.each([
    ['userNs', undefined],
    ['hostInstructions', true],
  ])("by %s is judged and confirmed, with the file's thresholds", async (metric, instructions) => {
    const { submitted, done } = bisected(metric, 'regression');
    await done;

    expect(submitted).toEqual([
      expect.objectContaining({
        thresholds: [
          { metric, threshold: 0.001 },
          { workload: 'w', threshold: 0.5 },
        ],
      }),
    ]);
    expect(submitted[0]!.instructions).toBe(instructions);
  });

  test('without a result reports the effect that it could have found', async () => {
    const { done } = bisected('wallNs', 'no-change');

    const text = bisectionText(await done);
    expect(text).toContain('nothing to find');
    expect(text).toMatch(/new.*1\.004.*between \+0\.3 % and \+0\.5 %.*0\.2 %.*same/);
  });

  test.each([
    [{}, ['300s', '600s', '1200s'].map((within) => ({ measure: { threshold: 0.001, within } }))],
    [
      { measure: { threshold: 0.001, within: '8h' } },
      ['28800s', '43200s', '43200s'].map((within) => ({ measure: { threshold: 0.001, within } })),
    ],
    [{ blocks: 80 }, [80, 160, 200].map((blocks) => ({ blocks, measure: { threshold: 0.001 } }))],
  ])(
    'with the change %j repeats an unclear verdict with twice the effort',
    async (changes, attempts) => {
      const { submitted, done } = bisected('wallNs', 'inconclusive', changes);

      expect((await done).changed).toBeNull();
      expect(submitted).toMatchObject(attempts);
    },
  );

  test.each([
    [
      { workloads: [{ name: 'w', parameters: { n: 3 } }] },
      'the job has no workload "w"; it has "w n=3"',
    ],
    [
      { variants: [{ mode: 'plugin', plugin: 'bb' }] },
      'the job has no variant "none"; it has "plugin-bb"',
    ],
  ])('of %j is refused before anything is queued', async (changes, reason) => {
    const { submitted, done } = bisected('wallNs', 'regression', changes);

    await expect(done).rejects.toThrow(reason);
    expect(submitted).toEqual([]);
  });

  test('names every candidate that may have changed it', () => {
    const text = (unclear: number[], same = 0) =>
      bisectionText({
        same,
        changed: 3,
        unclear,
        candidates: ['c1', 'c2', 'c3', 'c4'].map((name) => ({ name })),
        trials: [],
      });

    expect(text([], 2)).toMatch(/\nc4 changed it; c3 is the last that equals c1$/);
    expect(text([2], 1)).toContain(
      'c3 or c4 changed it; c2 is the last that equals c1; undecided: c3;',
    );
    expect(text([1, 2])).toContain(
      '\nc2, c3 or c4 changed it; undecided: c2, c3; measure with more',
    );
  });

  test('treats equal binaries as unchanged', async () => {
    const { submitted, done } = bisected('wallNs', 'same-binary');

    expect(bisectionText(await done)).toContain('nothing to find');
    expect(submitted).toHaveLength(1);
  });
});
