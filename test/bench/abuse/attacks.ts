// SPDX-License-Identifier: GPL-2.0-or-later
import { median } from '#statistics/median.js';

/** The most expensive request that a client can send to a route. */
export interface Attack {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly type?: string;
  /** Body of the n-th request. */
  body?(count: number): string;
  /** Works on the series of the attack before, not in a project of its own. */
  readonly follows?: boolean;
  /** Sent without a token. */
  readonly anonymous?: boolean;
}

const MEBIBYTE = 1024 * 1024;
/** A JSON object of about this size whose fields no schema knows. */
const unknownFields = (bytes: number) =>
  `{${Array.from({ length: Math.floor(bytes / 10) }, (_, at) => `"${at.toString(36).padStart(5, '0')}":1`).join(',')}}`;
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const JOB = {
  name: 'abuse',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  baseline: { version: '10.2' },
  variants: ['none', 'dynamic'],
  workloads: [{ name: 'port-io' }],
};
const jobOf = (events: string[]) => JSON.stringify({ ...JOB, events });
const importOf = (format: string, document: unknown) =>
  JSON.stringify({ format, host: 'h', document, direction: 'smaller-is-better' });

function hyperfine(results: number, runs: number, count: number): object {
  const times = Array.from({ length: runs }, (_, run) => 1 + (((run + count) * 7919) % 100) / 1e3);
  const [mean, min, max] = [1, 1, 2];
  return {
    results: Array.from({ length: results }, (_, at) => ({
      command: `c${at}`,
      mean,
      median: median(times),
      min,
      max,
      times,
    })),
  };
}

/** One number for each of many series, with a level shift every eight documents. */
function bencher(series: number, count: number): object {
  const shift = (Math.floor(count / 8) % 2) * 30;
  return Object.fromEntries(
    Array.from({ length: series }, (_, at) => [
      `s${at}`,
      { latency: { value: 100 + (at % 9) + shift } },
    ]),
  );
}

/**
 * @param job A job of the attacker with many samples.
 * @param project The attacker's project.
 */
export function attacksOf(job: string, project: string): Readonly<Record<string, Attack>> {
  const get = (path: string): Attack => ({ method: 'GET', path });
  const post = (path: string, body: (count: number) => string): Attack => ({
    method: 'POST',
    path,
    body,
  });
  const signIn = { ...post('/v1/session', () => unknownFields(30_000)), anonymous: true };
  return {
    'sign-in with a tar of 1 MiB': {
      ...signIn,
      type: 'application/x-tar',
      body: () => '\0'.repeat(MEBIBYTE),
    },
    'sign-in with 3,000 unknown fields': signIn,
    'upload of zeros': {
      ...post('/v1/uploads', () => '\0x'.repeat(MEBIBYTE / 2)),
      type: 'application/x-tar',
    },
    'job with 100,000 unknown fields': post('/v1/jobs', () => unknownFields(MEBIBYTE - 1_000)),
    'job of 16 hostile globs': post('/v1/jobs', () =>
      jobOf(Array.from({ length: 16 }, (_, at) => `*${'?'.repeat(20)}Z${at}`)),
    ),
    'job of 8,000 unknown events': post('/v1/jobs', () =>
      jobOf(Array.from({ length: 8_000 }, (_, at) => `memory_region_x_${at}`)),
    ),
    'job with all events': post('/v1/jobs', () => jobOf(['*'])),
    'list of these jobs': { ...get('/v1/jobs?limit=200'), follows: true },
    'queue of these jobs': { ...get('/v1/queue'), follows: true },
    'import nested 20,000 levels': post('/v1/imports', () =>
      importOf('hyperfine', { results: [], x: 1 }).replace('"x":1', `"x":${nested(20_000)}`),
    ),
    'import of 100,000 samples': post('/v1/imports', (count) =>
      importOf('hyperfine', hyperfine(1, 100_000, count)),
    ),
    'import of 100 bootstraps': post('/v1/imports', (count) =>
      importOf('hyperfine', hyperfine(100, 200, count)),
    ),
    'import of 4,000 results with samples': post('/v1/imports', (count) =>
      importOf('hyperfine', hyperfine(4_000, 10, count)),
    ),
    'import into 10,000 series': post('/v1/imports', (count) =>
      importOf('bmf', bencher(10_000, count)),
    ),
    'marks on these series': {
      ...post('/v1/marks', () => JSON.stringify({ at: '2026-01-01T00:00:00Z', reason: 'r' })),
      follows: true,
    },
    'alerts of these series': {
      ...get(`/v1/alerts?project=${project}&state=open`),
      follows: true,
    },
    'list of these series': { ...get(`/v1/series?project=${project}`), follows: true },
    'bundle of a large job': get(`/v1/jobs/${job}/bundle`),
    'metrics that a large job printed': get(`/v1/jobs/${job}/reported`),
    'export of a large job': get(`/v1/jobs/${job}/export?format=junit`),
    'samples of a large job': get(`/v1/jobs/${job}/samples`),
    'comparison of a large job': get(`/v1/jobs/${job}/comparison?metric=userNs`),
  };
}
