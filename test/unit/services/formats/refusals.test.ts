// SPDX-License-Identifier: GPL-2.0-or-later
import type { QibenchError } from '#contract/error.js';
import type { ImportFormat } from '#contract/format.js';
import { readDocument } from '#formats/formats.js';

const hyperfine = { command: 'x', mean: 2, median: 2, min: 1, max: 3, times: [1, 2, 3] };
const row = { name: 'x', run_name: 'x', run_type: 'iteration', real_time: 1, time_unit: 'ns' };
const context = { num_cpus: 1 };
test.each<[string, ImportFormat, unknown, string, RegExp]>([
  [
    'a median that does not match its times, like after a change of unit',
    'hyperfine',
    { results: [{ ...hyperfine, median: 2000 }] },
    'results.0.median',
    /not the median of "times"/,
  ],
  [
    'a command twice',
    'hyperfine',
    { results: [hyperfine, hyperfine] },
    'results.1.command',
    /appears twice/,
  ],
  ['no result', 'hyperfine', { results: [] }, '(document)', /no result/],
  [
    'a time that is text',
    'hyperfine',
    { results: [{ ...hyperfine, times: ['1'] }] },
    'results.0.times.0',
    /expected number/,
  ],
  [
    'a negative time',
    'hyperfine',
    { results: [{ ...hyperfine, times: [-1] }] },
    'results.0.times.0',
    /0/,
  ],
  ['null', 'hyperfine', null, '(document)', /expected object/],
  [
    'a measure without direction',
    'bmf',
    { a: { latency: { value: 1 } } },
    'a.latency',
    /give a direction/,
  ],
  [
    'a value outside of its interval',
    'bmf',
    { a: { 'wall-ns': { value: 5, lower_value: 6 } } },
    'a.wall-ns.value',
    /between/,
  ],
  ['an unknown key', 'bmf', { a: { 'wall-ns': { value: 5, low: 4 } } }, 'a.wall-ns', /low/],
  ['an empty document', 'bmf', {}, '(document)', /no result/],
  [
    'a range of another kind',
    'custom-smaller-is-better',
    [{ name: 'a', unit: 's', value: 1, range: 'wide' }],
    '0.range',
    /± number/,
  ],
  ['no unit', 'custom-smaller-is-better', [{ name: 'a', value: 1 }], '0.unit', /expected string/],
  [
    'aggregates only',
    'google-benchmark',
    { context, benchmarks: [{ ...row, run_type: 'aggregate' }] },
    'benchmarks.0',
    /aggregates only/,
  ],
  [
    'a run that failed',
    'google-benchmark',
    { context, benchmarks: [{ ...row, error_occurred: true }] },
    'benchmarks.0.error_occurred',
    /failed/,
  ],
  [
    'a row that was skipped',
    'google-benchmark',
    {
      context,
      benchmarks: [row, { ...row, name: 'y', real_time: 0, skipped: true, skip_message: 'no PMU' }],
    },
    'benchmarks.1.skipped',
    /"x" was skipped \(no PMU\); a skipped run has no time/,
  ],
  [
    'a second family of the same name',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, family_index: 0 },
        { ...row, family_index: 1 },
      ],
    },
    'benchmarks.1.family_index',
    /"x" names two families/,
  ],
  [
    'a second instance of the same name in a family',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, family_index: 0, per_family_instance_index: 0 },
        { ...row, family_index: 0, per_family_instance_index: 1 },
      ],
    },
    'benchmarks.1.per_family_instance_index',
    /"x" names two families/,
  ],
  [
    'a repetition twice',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, repetition_index: 0 },
        { ...row, repetition_index: 0 },
      ],
    },
    'benchmarks.1.repetition_index',
    /"x" has the repetition 0 twice/,
  ],
  [
    'two rows of one name without an index, which two families may have',
    'google-benchmark',
    { context, benchmarks: [row, row] },
    'benchmarks.1.repetition_index',
    /"x" has several rows; each needs a repetition_index, .*or a name of its own/,
  ],
  [
    'a row without an index before a repetition',
    'google-benchmark',
    { context, benchmarks: [row, { ...row, repetition_index: 0 }] },
    'benchmarks.1.repetition_index',
    /"x" has several rows; each needs a repetition_index, .*or a name of its own/,
  ],
  [
    'a run that ended with an exit status',
    'hyperfine',
    { results: [{ ...hyperfine, exit_codes: [0, 0, 3] }] },
    'results.0.exit_codes.2',
    /ended with status 3; a failed run has no time/,
  ],
  [
    'a run that a signal ended',
    'hyperfine',
    { results: [{ ...hyperfine, exit_codes: [0, null, 0] }] },
    'results.0.exit_codes.1',
    /a signal ended the run; a failed run has no time/,
  ],
  [
    'fewer exit codes than times',
    'hyperfine',
    { results: [{ ...hyperfine, exit_codes: [0, 0] }] },
    'results.0.exit_codes',
    /2 exit codes for 3 times/,
  ],
  [
    'a time of 0',
    'hyperfine',
    { results: [{ ...hyperfine, times: [0, 2, 3] }] },
    'results.0.times.0',
    /time of 0/,
  ],
  [
    'a median of 0 without times',
    'hyperfine',
    { results: [{ ...hyperfine, median: 0, times: undefined }] },
    'results.0.median',
    /time of 0/,
  ],
  [
    'a time of 0',
    'google-benchmark',
    { context, benchmarks: [{ ...row, real_time: 0 }] },
    'benchmarks.0.real_time',
    /time of 0/,
  ],
  [
    'a time beyond every number of ns',
    'google-benchmark',
    { context, benchmarks: [{ ...row, real_time: 1e300, time_unit: 's' }] },
    'benchmarks.0.real_time',
    /too long/,
  ],
  [
    'a time beyond every number of ns',
    'hyperfine',
    { results: [{ ...hyperfine, median: 1e300, times: [1e300] }] },
    'results.0',
    /too long/,
  ],
  [
    'an unknown unit of time',
    'google-benchmark',
    { context, benchmarks: [{ ...row, time_unit: 'min' }] },
    'benchmarks.0.time_unit',
    /ns/,
  ],
])('%s is refused with place and rule', (_, format, document, path, rule) => {
  let refused: QibenchError | undefined;
  try {
    readDocument(format, document);
  } catch (error) {
    refused = error as QibenchError;
  }

  expect(refused).toMatchObject({
    code: 'BAD_IMPORT',
    details: [{ path, message: expect.stringMatching(rule) as string }],
  });
});
