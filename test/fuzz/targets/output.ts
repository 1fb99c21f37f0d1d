// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { EVENT_COUNT_PREFIX, parseMetricLine } from '#contract/metric-line.js';
import type { Metric } from '#contract/sample.js';
import { demultiplexer } from '#worker/engine/demultiplex.js';
import { compileFailed, complaints } from '#worker/build/compiler-messages.js';
import { callgrindInstructions } from '#worker/measure/output/callgrind.js';
import { parseRunOutput } from '#worker/measure/output/run-output.js';
import { parseRunnerResult } from '#worker/measure/output/runner-result.js';
import { changedFiles } from '#contract/patch-text.js';
import { patchConflict, seriesOf } from '#worker/build/patched.js';
import { check, declares, nothing, outcome, type Target } from '../target.js';

const TEXT = [
  '\0',
  '\r\n',
  '\n',
  '\u001b[31m',
  '::set-output name=x::y',
  '\u{1f427}',
  Buffer.from([0xf0, 0x9f]),
  ' ',
  ':',
  '=',
];
/** Returns whether Postgres can store the text: it rejects NUL and half a surrogate pair. */
const storable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);
const line = ({ name, value, unit }: Metric): string => `QIBENCH ${name}=${value} ${unit}`;

export const metricLine: Target = {
  name: 'metric-line',
  dictionary: [...TEXT, 'QIBENCH ', 'events.', 'e+', 'e-308', '1e999', 'ns', '%', '-0'],
  run: (input) =>
    outcome(
      () => parseMetricLine(input.toString('utf8')),
      nothing,
      (metric) => {
        if (metric === null) return 'none';
        check(Number.isFinite(metric.value), 'a value is a number that JSON can represent');
        check(
          JSON.stringify(parseMetricLine(line(metric))) === JSON.stringify(metric),
          'a rewritten metric line reads back as the same metric',
        );
        return 'metric';
      },
    ),
};

export const runOutput: Target = {
  name: 'run-output',
  dictionary: [
    ...TEXT,
    'QIBENCH ',
    'events.x=1 count\n',
    'QIBENCH events.__proto__=2 count\n',
    'QIBENCH a=1e999 ms\n',
    'total insns: ',
    'insns: 1\n',
    "CPU0: bb's: 1, insns: 2\n",
    'io accesses: 3\n',
    '.mem accesses: 3\n',
    'echo QIBENCH a=1 ns\n',
    'QIBENCH events.my-blocks=1 count',
    'collected 4 entries in the hash table\n',
  ],
  run: (input) =>
    outcome(
      () =>
        ['insn', 'mem', 'bb', 'hotblocks', null].map((plugin) =>
          parseRunOutput(input.toString('utf8'), plugin),
        ),
      nothing,
      (outputs) => {
        for (const { metrics, events } of outputs) {
          check(
            metrics.every(({ value }) => Number.isFinite(value)),
            'a value is a number that JSON can represent',
          );
          check(
            Object.values(events ?? {}).every((digits) => /^\d+$/.test(digits)),
            'a count is digits',
          );
        }
        const { metrics, events } = outputs.at(-1)!;
        const again = parseRunOutput(
          [
            ...metrics.map(line),
            ...Object.entries(events ?? {}).map(
              ([name, count]) => `QIBENCH events.${name}=${count} count`,
            ),
          ].join('\n'),
        );
        // A count not written in digits is a metric; after a rewrite it may be a count.
        if (
          metrics.some(({ name }) => name.startsWith(EVENT_COUNT_PREFIX)) ||
          Object.values(events ?? {}).some((digits) => digits.length > 20)
        )
          return 'not to be written anew';
        check(
          JSON.stringify(again.events) === JSON.stringify(events),
          'rewritten output reads back as the same counts',
        );
        check(
          JSON.stringify(again.metrics) === JSON.stringify(metrics),
          'rewritten output reads back as the same metrics',
        );
        return outputs
          .map(
            (output) =>
              `${Math.min(output.metrics.length, 3)}/${Math.min(Object.keys(output.events ?? {}).length, 3)}`,
          )
          .join();
      },
    ),
};

export const callgrind: Target = {
  name: 'callgrind',
  dictionary: [
    ...TEXT,
    '==1== Callgrind, ',
    '==1== Collected : ',
    '==99999== ',
    '123',
    '9'.repeat(30),
  ],
  run: (input) =>
    outcome(
      () => callgrindInstructions(input.toString('utf8')),
      nothing,
      (digits) => {
        check(digits === null || BigInt(digits) < 2n ** 63n, 'a count fits into 63 bits');
        return digits === null ? 'none' : `count ${digits.length}`;
      },
    ),
};

export const runnerResult: Target = {
  name: 'runner-result',
  dictionary: [
    ...TEXT,
    '"wallNs":"1"',
    '"exitStatus":',
    'null',
    '"error":',
    '{',
    '}',
    '[',
    '"schema":"qibench.run/3"',
    '"__proto__":',
    '1e999',
    '-1',
  ],
  run: (input) =>
    outcome(
      () => parseRunnerResult(input.toString('utf8')),
      declares(QibenchError),
      (result) => {
        check(
          JSON.stringify(parseRunnerResult(JSON.stringify(result))) === JSON.stringify(result),
          'a rewritten result reads back as the same result',
        );
        return `accepted ${typeof result.error} ${result.signal === null}`;
      },
    ),
};

export const compilerMessages: Target = {
  name: 'compiler-messages',
  dictionary: [
    ...TEXT,
    'instrument.c:1:2: error: x',
    '/qemu/instrumentation/',
    'fatal ',
    "undefined reference to `qi_init'",
    'make: *** [Makefile:1: all] Error 1',
    ':1:1:1',
    '../',
  ],
  run: (input) =>
    outcome(
      () => complaints(input.toString('utf8').split('\n'), '/qemu/instrumentation'),
      nothing,
      (details) => {
        check(details.length <= 50, 'at most 50 messages');
        const body = compileFailed('the instrumentation', details, {
          exitStatus: 1,
          lines: input.toString('utf8').split('\n'),
        }).toBody();
        check(
          [body.message, ...body.details.flatMap(({ path, message }) => [path, message])].every(
            storable,
          ),
          'an error can be stored',
        );
        return `complaints ${Math.min(details.length, 8)}`;
      },
    ),
};

export const patch: Target = {
  name: 'patch',
  dictionary: [
    ...TEXT,
    '--- a/x.c\n',
    '+++ b/x.c\n',
    '--- /dev/null\n',
    '+++ b/../../etc/passwd\n',
    '@@ -1 +1 @@\n',
    'new mode 120000\n',
    'rename to x\n',
    'Subject: [PATCH 0/3] x\n\n',
    `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\n`,
    '\t',
    'a/a/a',
  ],
  run: (input) =>
    outcome(
      () => changedFiles(input.toString('utf8')),
      nothing,
      (files) => {
        const conflict = patchConflict(
          { name: 'own', changes: files.slice(0, 3) },
          { digest: '', files: [{ path: '0001.patch', content: input }] },
          'x',
        );
        const series = seriesOf([{ path: '0001.patch', content: input }]);
        check(
          series.applied.length + series.skipped.length === 1,
          'every file is applied or skipped',
        );
        check((conflict === null) === (files.length === 0), 'files in common are a conflict');
        check(conflict === null || storable(conflict.message), 'an error can be stored');
        return `files ${Math.min(files.length, 8)}`;
      },
    ),
};

/** The output streams, for any chunking of the bytes. */
function demultiplexed(input: Buffer, pieceBytes: number): string {
  const streams = { stdout: '', stderr: '' };
  const feed = demultiplexer((stream, chunk) => void (streams[stream] += chunk.toString('latin1')));
  for (let at = 0; at < input.length; at += pieceBytes) feed(input.subarray(at, at + pieceBytes));
  return JSON.stringify(streams);
}

export const demultiplex: Target = {
  name: 'demultiplex',
  dictionary: [
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]),
    Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([2, 0, 0, 0, 255, 255, 255, 255]),
    'text',
  ],
  run: (input) =>
    outcome(
      () => demultiplexed(input, input.length),
      nothing,
      (whole) => {
        check(
          demultiplexed(input, 7) === whole,
          'the output does not depend on the chunks of the input',
        );
        return `${/"stdout":""/.test(whole)} ${/"stderr":""/.test(whole)}`;
      },
    ),
};
