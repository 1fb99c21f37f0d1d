// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * CSV of timed samples: a header, then a line per sample, warm-up included (its `block` is 0).
 *
 * The format follows RFC 4180: CRLF; fields with a comma, a quote or an end of line are quoted,
 * with quotes doubled; UTF-8 without a byte-order mark. Text that a spreadsheet would take for a
 * formula (it begins with = + - @, a tab or an end of line) gets a leading apostrophe:
 * https://owasp.org/www-community/attacks/CSV_Injection. Numbers are not text: -1 stays.
 *
 * Nanoseconds have all digits; a spreadsheet rounds beyond 15 digits. `metrics`, `events` and
 * `noise` are JSON. New columns are only added at the end.
 */
import type { Job } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';

const COLUMNS: readonly (readonly [
  name: string,
  value: (job: Job, sample: Sample) => string | null,
])[] = [
  ['job', (job) => text(job.id)],
  ['name', (job) => text(job.name)],
  ['project', (job) => text(job.request.project)],
  ['branch', (job) => text(job.request.branch)],
  ['commit', (job) => text(job.request.commit)],
  ['workload', (_, sample) => text(sample.workload)],
  ['variant', (_, sample) => text(sample.variant)],
  ['block', (_, sample) => String(sample.block)],
  ['position', (_, sample) => String(sample.position)],
  ['wall_ns', (_, sample) => sample.wallNs],
  ['user_ns', (_, sample) => sample.userNs],
  ['system_ns', (_, sample) => sample.systemNs],
  ['max_rss_bytes', (_, sample) => sample.maxRssBytes],
  ['exit_status', (_, sample) => String(sample.exitStatus)],
  ['records_stored', (_, sample) => sample.recordsStored],
  ['records_dropped', (_, sample) => sample.recordsDropped],
  ['metrics', (_, sample) => text(JSON.stringify(sample.metrics))],
  ['events', (_, sample) => (sample.events === null ? null : text(JSON.stringify(sample.events)))],
  ['host_fingerprint', (_, sample) => text(sample.hostFingerprint)],
  ['build_key', (_, sample) => text(sample.buildKey)],
  ['started_at', (_, sample) => sample.startedAt],
  ['host_instructions', (_, sample) => sample.hostInstructions],
  ['side', (_, sample) => sample.side],
  ['batch', (_, sample) => String(sample.batch)],
  ['noise', (_, sample) => (sample.noise === null ? null : text(JSON.stringify(sample.noise)))],
  ['group', (_, sample) => String(sample.group)],
  ['size', (_, sample) => sample.size],
  ['size_value', (_, sample) => whole(sample.sizeValue)],
  ['link', (_, sample) => whole(sample.link)],
  ['cpus', (_, sample) => text(sample.cpus)],
  ['environment_bytes', (_, sample) => String(sample.environmentBytes)],
  ['stack_bytes', (_, sample) => String(sample.stackBytes)],
  ['minor_faults', (_, sample) => sample.minorFaults],
  ['major_faults', (_, sample) => sample.majorFaults],
  ['voluntary_switches', (_, sample) => sample.voluntarySwitches],
  ['involuntary_switches', (_, sample) => sample.involuntarySwitches],
];

/** Yields the file in pieces, one per batch of samples. */
export async function* writeCsv(
  job: Job,
  batches: AsyncIterable<readonly Sample[]>,
): AsyncGenerator<string> {
  yield line(COLUMNS.map(([name]) => name));
  for await (const samples of batches)
    yield samples.map((sample) => line(COLUMNS.map(([, value]) => value(job, sample)))).join('');
}

const whole = (value: number | null): string | null => (value === null ? null : String(value));

export const text = (value: string | undefined): string | null =>
  value === undefined ? null : /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;

export const line = (fields: readonly (string | null)[]): string =>
  `${fields.map((field) => (field === null ? '' : quoted(field))).join(',')}\r\n`;

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
