// SPDX-License-Identifier: GPL-2.0-or-later
import { parse } from 'yaml';
import { QibenchError } from '#contract/error.js';
import { IMPORT_FORMATS, type ImportFormat } from '#contract/format.js';
import { JobFile, JobRequest } from '#contract/job.js';
import { readDocument } from '#formats/formats.js';
import { check, declares, nameOf, nothing, outcome, type Target } from '../target.js';

const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  'true',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '1e999',
  '-0',
  '"__proto__":',
  '"constructor":',
  '9007199254740993',
];
const storable = (value: unknown): boolean => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value));

function json(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The library throws errors of several classes; its callers treat each as invalid YAML. */
function yaml(input: Buffer): unknown {
  return parse(input.toString('utf8'), { logLevel: 'error' });
}

export const jobRequest: Target = {
  name: 'job-request',
  dictionary: [
    ...JSON_PIECES,
    '"name":',
    '"events":["*"]',
    '"variants":',
    '"none"',
    '{"mode":"plugin","plugin":"insn","arguments":["a=b,file=/x"]}',
    '"-instr file=x"',
    '"a\\nb"',
    '"$(id)"',
    '"baseline":"same"',
    '"seed":',
    '"project":',
    '"branch":',
    '"commit":',
    '"committedAt":"2026-01-01T00:00:00Z"',
    '"thresholds":[]',
    '"qemu":',
    '"patches":',
    `"sha256:${'0'.repeat(64)}"`,
    '"arguments":["-smp","{smp}"]',
    '"environment":{"A":"b"}',
    '"stdin":',
    '"sweep":{"smp":[1,2]}',
    '"sweep":"events"',
    '"parameters":{"writes":1}',
    '"instrumentations":',
  ],
  run: (input) =>
    outcome(
      () => JobRequest.safeParse(json(input)),
      nothing,
      (result) => {
        if (!result.success)
          return nameOf(
            result.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).join(),
          );
        const request = result.data;
        check(
          JSON.stringify(JobRequest.parse(JSON.parse(JSON.stringify(request)))) ===
            JSON.stringify(request),
          'an accepted request is accepted again, unchanged',
        );
        check(storable(request), 'an accepted document can be stored');
        const named = request.variants.flatMap((variant) =>
          typeof variant === 'string'
            ? []
            : [variant.name ?? '', ...(variant.mode === 'plugin' ? (variant.arguments ?? []) : [])],
        );
        check(
          [...request.events, ...named].every((text) => !/^-|[,\n\0]/.test(text)),
          'no text becomes another option',
        );
        const words = [request, ...request.variants, ...request.workloads].flatMap((part) =>
          typeof part === 'string' ? [] : (part.qemu?.arguments ?? []),
        );
        check(
          words.every((word) => !/^--?(?:trace|instr|plugin|d|D)$|[\n\0]/.test(word)),
          'no argument replaces an option of the mode',
        );
        return `accepted ${request.variants.length}`;
      },
    ),
};

export const jobFile: Target = {
  name: 'job-file',
  dictionary: [
    '&a ',
    '*a',
    '<<: *a',
    '- ',
    ': ',
    '\n',
    '  ',
    '!!js/function "x"',
    '!!binary ',
    '? ',
    '|',
    '>',
    '---\n',
    '%YAML 1.1\n',
    'name: ',
    'events: ["*"]',
    '"\\0"',
    '[*a,*a,*a,*a]',
    '__proto__: ',
  ],
  run: (input) =>
    outcome(
      () => yaml(input),
      (error): error is Error => error instanceof Error,
      (document) => {
        const result = JobFile.safeParse(document);
        return result.success
          ? 'accepted'
          : nameOf(result.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).join());
      },
    ),
};

const importFormat = (format: ImportFormat, pieces: readonly string[]): Target => ({
  name: `import-${format}`,
  dictionary: [...JSON_PIECES, ...pieces],
  run(input) {
    const document = json(input);
    if (document === undefined) return 'no JSON';
    return outcome(
      () => readDocument(format, document, 'smaller-is-better'),
      declares(QibenchError),
      (results) => {
        check(
          results.every(({ value, low, high, samples }) =>
            [value, low ?? 0, high ?? 0, ...(samples ?? [])].every(Number.isFinite),
          ),
          'all numbers can be kept in JSON',
        );
        check(storable(results), 'an accepted document can be stored');
        return `accepted ${Math.min(results.length, 4)}`;
      },
    );
  },
});

const PIECES: Readonly<Record<ImportFormat, readonly string[]>> = {
  hyperfine: [
    '"results":',
    '"command":',
    '"mean":1',
    '"median":1',
    '"times":[1,2]',
    '"min":',
    '"max":',
    '"exit_codes":[0,null,3]',
    '1e308',
  ],
  bmf: ['"value":', '"lower_value":', '"upper_value":', '"wall-ns":', '1e308'],
  'custom-smaller-is-better': [
    '"name":',
    '"unit":',
    '"value":',
    '"range":"± 5%"',
    '"+/- 1e308"',
    '"extra":',
  ],
  'google-benchmark': [
    '"context":{"num_cpus":1}',
    '"benchmarks":',
    '"run_name":',
    '"run_type":"aggregate"',
    '"real_time":',
    '"time_unit":"s"',
    '"skipped":true',
    '"skip_message":',
    '"family_index":1',
    '"repetitions":2',
    '"repetition_index":0',
    '1e308',
  ],
};

export const imports: readonly Target[] = IMPORT_FORMATS.map((format) =>
  importFormat(format, PIECES[format]),
);
