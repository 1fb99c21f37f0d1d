// SPDX-License-Identifier: GPL-2.0-or-later
import { callgrindInstructions } from '#worker/measure/output/callgrind.js';
import { noiseOf } from '#worker/measure/output/noise.js';

const state = (steal: [number, number], pressure: [number, number, number], more: object = {}) => ({
  stat:
    `cpu  9 9 9 9 9 9 9 ${steal[0] + steal[1]} 0 0\ncpu0 1 2 3 4 5 6 7 ${steal[0]} 0 0\ncpu1 1 ` +
    `2 3 4 5 6 7 ${steal[1]} 0 0\n`,
  pressureCpu:
    `some avg10=1.00 avg60=1.00 avg300=1.00 total=${pressure[0]}\nfull avg10=0.00 avg60=0.00 ` +
    `avg300=0.00 total=999\n`,
  pressureIo: `some avg10=1.00 avg60=1.00 avg300=1.00 total=${pressure[1]}\n`,
  pressureMemory: `some avg10=1.00 avg60=1.00 avg300=1.00 total=${pressure[2]}\n`,
  load: '0.50 0.40 0.30 1/100 12345\n',
  frequenciesKhz: '2000000\n3000000\n',
  ...more,
});
const empty = {
  stat: '',
  pressureCpu: '',
  pressureIo: '',
  pressureMemory: '',
  load: '',
  frequenciesKhz: '',
};

test('noise is the change of counters during the run, on the measuring CPUs', () => {
  const noise = noiseOf(
    {
      before: state([10, 20], [100, 200, 300]),
      after: state([50, 23], [150, 200, 301], { load: '1.25 0.4 0.3 1/1 1\n' }),
    },
    [1],
  );

  expect(noise).toEqual({
    stealNs: '30000000',
    pressureNs: { cpu: '50000', io: '0', memory: '1000' },
    load: 1.25,
    frequencyHz: 2_500_000_000,
  });
});

test('steal is summed over the CPUs, and cpu1 is not cpu10', () => {
  const before = state([0, 0], [0, 0, 0]);
  const after = {
    ...state([1, 2], [0, 0, 0]),
    stat: 'cpu10 1 2 3 4 5 6 7 99 0 0\ncpu0 1 2 3 4 5 6 7 1 0 0\ncpu1 1 2 3 4 5 6 7 2 0 0\n',
  };

  expect(noiseOf({ before, after }, [0, 1]).stealNs).toBe('30000000');
});

test('a value that the host does not report is null, and so is a counter that went back', () => {
  expect(noiseOf({ before: empty, after: empty }, [0])).toEqual({
    stealNs: null,
    pressureNs: { cpu: null, io: null, memory: null },
    load: null,
    frequencyHz: null,
  });
  expect(
    noiseOf({ before: state([5, 5], [1, 1, 1]), after: state([4, 5], [1, 1, 1]) }, [0]).stealNs,
  ).toBeNull();
  expect(
    noiseOf({ before: state([5, 5], [1, 1, 1]), after: state([5, 5], [1, 1, 1]) }, [0, 7]).stealNs,
  ).toBeNull();
});

describe("callgrind's count", () => {
  const HEADING = '==2== Callgrind, a call-graph generating cache profiler\n';
  const COUNT = '==2== \n==2== Collected : 123456789012\n==2==\n';

  test("is the program's own, not one of its child processes", () => {
    const child = '==3== Callgrind, a call-graph generating cache profiler\n==3== Collected : 5\n';

    expect(
      callgrindInstructions(`${HEADING}QIBENCH a=1 b\nx ==2== Collected : 6\n${COUNT}${child}`),
    ).toBe('123456789012');
  });

  test.each([
    ['has no heading', COUNT],
    ['begins with another line', `QIBENCH a=1 b\n${HEADING}${COUNT}`],
    ['has no count', `${HEADING}==2== Collected :\nCollected : 5\n`],
    ['has a second count before', `${HEADING}==2== Collected : 5\n${COUNT}`],
    ['has a second count after', `${HEADING}${COUNT}==2== Collected : 5\n`],
    ['is of a program that executed another one', `${HEADING}${HEADING}${COUNT}`],
  ])('is unknown if the output %s', (_, text) => {
    expect(callgrindInstructions(text)).toBeNull();
  });
});
