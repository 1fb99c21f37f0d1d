import type { JobPlan } from '../../../services/contract/job.js';
import { blockOrder } from '../../../services/domain/blocks.js';

const plan = (variants: number, seed = 7): JobPlan => ({
  events: [],
  variants: Array.from({ length: variants }, (_, index) => ({
    name: `v${index}`,
    side: 'head' as const,
    mode: 'none' as const,
    backend: null,
    plugin: null,
    arguments: [],
    trace: false,
  })),
  workloads: ['a', 'b'].map((label) => ({ label, name: label, parameters: {}, timeoutSeconds: 1 })),
  blocks: 12,
  sides: null,
  batches: 1,
  threshold: 0.02,
  thresholds: [],
  seed,
});

describe('blockOrder', () => {
  test('runs every variant once with every workload, a workload at a time', () => {
    for (let block = 0; block <= 12; block += 1) {
      const runs = blockOrder(plan(5), block);
      expect(runs.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(new Set(runs.map(({ variant, workload }) => `${variant} ${workload}`)).size).toBe(10);
      expect(new Set(runs.slice(0, 5).map(({ workload }) => workload)).size).toBe(1);
    }
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'puts each of %i variants at every place once per group of blocks',
    (count) => {
      for (const group of [0, 1]) {
        for (const workload of ['a', 'b']) {
          const orders = Array.from({ length: count }, (_, row) =>
            blockOrder(plan(count), 1 + group * count + row).filter(
              (run) => run.workload === workload,
            ),
          );
          for (let place = 0; place < count; place += 1)
            expect(new Set(orders.map((order) => order[place]!.variant)).size).toBe(count);
        }
      }
    },
  );

  test('makes each of four variants follow each other one once per group', () => {
    const pairs = new Set<string>();
    for (let block = 1; block <= 4; block += 1) {
      const order = blockOrder(plan(4), block).filter(({ workload }) => workload === 'a');
      for (let place = 1; place < 4; place += 1)
        pairs.add(`${order[place - 1]!.variant} ${order[place]!.variant}`);
    }
    expect(pairs.size).toBe(12);
  });

  test('depends on the seed and on nothing else', () => {
    const orders = (seed: number): unknown =>
      Array.from({ length: 6 }, (_, block) => blockOrder(plan(4, seed), block));
    expect(orders(7)).toEqual(orders(7));
    expect(orders(7)).not.toEqual(orders(8));
  });

  test('refuses what is no block', () => {
    expect(() => blockOrder(plan(2), -1)).toThrow(RangeError);
  });
});
