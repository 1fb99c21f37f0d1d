import { QibenchError } from '../../../../services/contract/error.js';
import { JobPlan } from '../../../../services/contract/job.js';
import {
  countInstructions,
  isGuestCounter,
  type Count,
  type Counting,
} from '../../../../worker/measure/instructions.js';

const variant = (name: string) => ({
  name,
  side: 'head' as const,
  mode: 'none' as const,
  backend: null,
  plugin: null,
  arguments: [],
  trace: false,
});
const plan: JobPlan = JobPlan.parse({
  events: [],
  variants: [variant('none'), variant('idle')],
  workloads: [{ label: 'w', name: 'w', parameters: {}, timeoutSeconds: 10 }],
  blocks: 6,
  seed: 1,
});

async function count(changes: Partial<Counting> = {}) {
  const counts: Count[] = [];
  const limits: number[] = [];
  let log = '';
  const progress = {
    started: () => undefined,
    finished: () => undefined,
    advanced: () => undefined,
    log: (_: string, text: string) => void (log += text),
  };
  const run: Counting['run'] = async (of, _, { wrapper, workload: other }) => {
    if (wrapper !== undefined) limits.push(other!.timeoutSeconds);
    return {
      events: isGuestCounter(of) ? { 'plugin.insns': '99' } : null,
      output: wrapper?.[0] === 'valgrind' ? '==2== Collected : 1234\n' : '',
    } as never;
  };
  await countInstructions({
    context: { progress } as never,
    plan,
    target: 'x86_64-linux-user',
    counted: false,
    suspects: async () => false,
    run,
    record: async (one) => void counts.push(one),
    ...changes,
  });
  return {
    counts: counts.map(
      ({ repetition, position, variant: { name }, hostInstructions, guestInstructions }) => [
        repetition,
        position,
        name,
        hostInstructions,
        guestInstructions,
      ],
    ),
    limits,
    log,
  };
}

const GUEST = [0, 0, 'guest-instructions', null, '99'];

test('the guest is counted once per workload, the host twice per variant, under a limit that leaves callgrind time', async () => {
  const { counts, limits } = await count();

  expect(counts).toEqual([
    GUEST,
    [1, 0, 'none', '1234', null],
    [1, 1, 'idle', '1234', null],
    [2, 0, 'none', '1234', null],
    [2, 1, 'idle', '1234', null],
  ]);
  expect(limits).toEqual([1000, 1000, 1000, 1000]);
});

test('where there is a base, its guest is counted too: both sides must do the same work', async () => {
  const base = plan.variants.map((one) => ({ ...one, side: 'base' as const }));
  const sides: [string, string][] = [];
  await count({
    plan: { ...plan, variants: [...plan.variants, ...base] },
    counted: true,
    record: async ({ variant: { name, side } }) => void sides.push([name, side]),
  });

  expect(sides).toEqual([
    ['guest-instructions', 'head'],
    ['guest-instructions', 'base'],
  ]);
});

test('what the hardware counted, or callgrind cannot run, is not counted again, and the log says why', async () => {
  const [hardware, system] = [
    await count({ counted: true }),
    await count({ target: 'x86_64-softmmu' }),
  ];

  expect([hardware.counts, system.counts]).toEqual([[GUEST], [GUEST]]);
  expect([hardware.log, system.log]).toEqual([
    expect.stringContaining('the hardware counted them'),
    expect.stringContaining('callgrind runs user-mode emulators only'),
  ]);
});

test("a run that fails under a counter is told and left out; what is not the run's fault ends the job", async () => {
  const failing = (code: 'RUN_FAILED' | 'DOCKER_UNREACHABLE') => async () => {
    throw new QibenchError(code, { workload: 'w', variant: 'none', ending: 'signal 11' });
  };

  const { counts, log } = await count({ run: failing('RUN_FAILED') });

  expect(counts).toEqual([]);
  expect(log).toContain(
    'instructions of w under none are not counted: w under variant none ended with signal 11',
  );
  await expect(count({ run: failing('DOCKER_UNREACHABLE') })).rejects.toMatchObject({
    code: 'DOCKER_UNREACHABLE',
  });
});

describe('where a threshold names them', () => {
  const judged = {
    ...plan,
    blocks: 6,
    thresholds: [{ metric: 'hostInstructions', threshold: 0.001 }],
  };
  const repetitions = (counts: readonly (readonly unknown[])[]) => [
    ...new Set(counts.map(([repetition]) => repetition)),
  ];

  test('there are as many repetitions as blocks, and as many again where those call a regression', async () => {
    expect(repetitions((await count({ plan: judged })).counts)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(repetitions((await count({ plan: judged, suspects: async () => true })).counts)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
  });

  test('a run that has no count ends the job instead of passing for no regression', async () => {
    const silent: Counting['run'] = async (of) =>
      ({ events: isGuestCounter(of) ? { 'plugin.insns': '99' } : null, output: '' }) as never;
    const failing: Counting['run'] = async (of) => {
      if (!isGuestCounter(of))
        throw new QibenchError('RUN_TIMED_OUT', {
          workload: 'w',
          variant: 'none',
          limitSeconds: 1,
        });
      return { events: null, output: '' } as never;
    };

    await expect(count({ plan: judged, run: silent })).rejects.toMatchObject({
      code: 'INSTRUCTIONS_NOT_COUNTED',
      kind: 'user',
    });
    await expect(count({ plan: judged, run: failing })).rejects.toMatchObject({
      code: 'RUN_TIMED_OUT',
    });
  });
});
