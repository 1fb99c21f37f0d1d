// SPDX-License-Identifier: GPL-2.0-or-later
import type { RunResult } from '#contract/sample.js';
import { answerReader, encodeRequest } from '#worker/measure/runner-protocol.js';
import type { RunnerAnswer } from '#worker/measure/runner-protocol.js';

const REQUEST = {
  command: ['qemu', '-x', 'ä b'],
  environment: { A: '1', B: '' },
  timeoutMs: 5_000,
  outputLimitBytes: 100,
  cpu: null,
  stackBytes: null,
  fifoPriority: null,
};
const STATE = {
  stat: '',
  pressureCpu: '',
  pressureIo: '',
  pressureMemory: '',
  load: '',
  frequenciesKhz: '',
};
const RESULT: RunResult = {
  schema: 'qibench.run/3',
  wallNs: '5',
  userNs: '4',
  systemNs: '1',
  maxRssBytes: '4096',
  minorFaults: 1,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  exitStatus: 0,
  signal: null,
  timedOut: false,
  outOfMemory: null,
  outputBytes: 0,
  forwardedBytes: 0,
  outputTruncated: false,
  error: null,
  leftBehind: null,
  hostInstructions: null,
  instructionsSkipped: 'x',
  before: STATE,
  after: STATE,
};

test('a request is a line of numbers and its strings, each terminated by NUL', () => {
  expect(encodeRequest(REQUEST).toString()).toBe(
    'run 5000 100 - 0 0 3 2 0 0 0 20 0\nqemu\0-x\0ä b\0A=1\0B=\0',
  );
  expect(
    encodeRequest({ ...REQUEST, cpu: 0, stackBytes: 8_388_608, fifoPriority: 10 }).toString(),
  ).toMatch(/^run 5000 100 0 8388608 10 3 2 0 0 0 20 0\n/);
});

test('the text of standard input follows the strings, counted in bytes', () => {
  expect(encodeRequest({ ...REQUEST, stdin: 'ä\n' }).toString()).toBe(
    'run 5000 100 - 0 0 3 2 0 0 0 20 3\nqemu\0-x\0ä b\0A=1\0B=\0ä\n',
  );
});

test('the marks of a region follow the environment', () => {
  const region = { begin: 'go!!', end: 'done' };

  expect(encodeRequest({ ...REQUEST, region }).toString()).toBe(
    'run 5000 100 - 0 0 3 2 2 0 0 30 0\nqemu\0-x\0ä b\0A=1\0B=\0go!!\0done\0',
  );
});

test("the arguments of a recorder's programs are a request's last strings", () => {
  const region = { begin: 'go!!', end: 'done' };
  const recorder = { before: ['start', 'it'], after: ['read'] };

  expect(encodeRequest({ ...REQUEST, region, recorder }).toString()).toBe(
    'run 5000 100 - 0 0 3 2 2 2 1 44 0\n' + 'qemu\0-x\0ä b\0A=1\0B=\0go!!\0done\0start\0it\0read\0',
  );
});

test('a request that cannot be passed to a program is refused', () => {
  for (const word of ['a\0b', 'x'.repeat(1024 ** 2)])
    expect(() => encodeRequest({ ...REQUEST, command: [word] })).toThrow('the arguments of a run');
});

test('answers are separated at any stream boundary, for any program output', () => {
  const outputs = ['', '{"schema":"x"}\n\n', 'ä\0', '\n'];
  const stream = Buffer.concat(
    outputs.map((output) =>
      Buffer.from(
        `${JSON.stringify({ ...RESULT, forwardedBytes: Buffer.byteLength(output) })}\n${output}`,
      ),
    ),
  );
  for (const size of [1, 7, 100, stream.length]) {
    const answers: RunnerAnswer[] = [];
    const read = answerReader((answer) => answers.push(answer));
    for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size));

    expect(answers.map(({ output }) => output)).toEqual(outputs);
  }
});

test('an invalid result line is an error, also one without an end', () => {
  expect(() => answerReader(() => undefined)(Buffer.from('Segmentation fault\n'))).toThrow(
    '"Segmentation fault"',
  );
  expect(() => answerReader(() => undefined)(Buffer.alloc(1024 ** 2 + 1, 'x'))).toThrow(
    'instead of a result',
  );
});
