import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../services/cli/client.js';
import { jobEvents } from '../../services/cli/event-stream.js';
import { submitFile } from '../../services/cli/submit.js';
import type { Build } from '../../services/contract/build.js';
import type { Comparison } from '../../services/contract/comparison.js';
import type { Job } from '../../services/contract/job.js';
import type { Sample } from '../../services/contract/sample.js';
import type { RecordPage, Trace } from '../../services/contract/trace.js';
import { packFiles } from '../../worker/build/tar.js';

const rootDir = process.cwd();
const port = 7199;
const client = new Client(`http://127.0.0.1:${port}`);
const home = mkdtempSync(join(tmpdir(), 'qibench-e2e-'));
let service: ChildProcess;

beforeAll(async () => {
  service = spawn(process.execPath, ['dist/services/cli/main.js', 'up'], { env: { ...process.env, QIBENCH_HOME: home, QIBENCH_PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const chunk of service.stderr!) if (String(chunk).includes('service at')) break;
}, 120_000);

afterAll(async () => {
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
  rmSync(home, { recursive: true, force: true });
}, 120_000);

async function ended(job: Job, onEvent: (type: string, block: number) => void = () => undefined): Promise<Job> {
  for await (const { body } of jobEvents(client, job.id)) onEvent(body.type, body.type === 'sample' ? body.block : 0);
  return client.get<Job>(`/v1/jobs/${job.id}`);
}

test('the main job ends with exact counts in every mode, although its worker is killed in the middle', async () => {
  const example = await submitFile(client, join(rootDir, 'examples/port-io.yaml'));
  await client.post(`/v1/jobs/${example.id}/cancel`, {}).catch(() => undefined);
  const writes = 100_000;
  const job = await client.post<Job>('/v1/jobs', { ...example.request, name: 'e2e', workloads: [{ name: 'port-io', parameters: { writes } }] });

  let killed = false;
  const done = await ended(job, (type, block) => {
    if (killed || type !== 'sample' || block < 2) return;
    killed = true;
    const [pid] = execFileSync('pgrep', ['-P', String(service.pid), '-f', 'worker/main.js'], { encoding: 'utf8' }).split('\n');
    process.kill(Number(pid), 'SIGKILL');
  });

  expect(done).toMatchObject({ state: 'succeeded', error: null, blocksDone: 6, epoch: 2 });
  expect(killed).toBe(true);
  const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`);
  expect(new Set(samples.map(({ block, variant }) => `${block} ${variant}`)).size).toBe(samples.length);
  expect(samples).toHaveLength(7 * 5);
  const counted = samples.filter(({ variant }) => variant === 'dynamic' || variant === 'static');
  expect(counted.map(({ events }) => events!.memory_region_ops_write)).toEqual(counted.map(() => String(writes + 1)));
  const traced = samples.filter(({ traceId }) => traceId !== null);
  expect(traced.map(({ recordsStored, recordsDropped }) => Number(recordsStored) + Number(recordsDropped))).toEqual(Array.from({ length: 6 }, () => writes + 1));

  const trace = await client.get<Trace>(`/v1/traces/${traced[0]!.traceId}`);
  const page = await client.get<RecordPage>(`/v1/traces/${trace.id}/records?limit=10`);
  expect(page.records).toHaveLength(10);
  expect(page.records[0]).toMatchObject({ sequence: '0', event: 'memory_region_ops_write', arguments: { addr: '128', size: '1' } });

  const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  expect(comparison.rows.map(({ variant }) => variant).sort()).toEqual(['backend-simple', 'dynamic', 'idle', 'none', 'static']);
}, 1_800_000);

test('the same instrumentation counts user-mode events alike in both modes, and the second job builds nothing', async () => {
  const { request } = await client.get<Job>(`/v1/jobs/${(await client.get<{ jobs: Job[] }>('/v1/jobs')).jobs[0]!.id}`);
  const body = { ...request, name: 'user mode', qemu: { version: '7.2', target: 'x86_64-linux-user' }, events: ['guest_user_syscall'], variants: ['none', 'dynamic', 'static'], workloads: [{ name: 'matmult', parameters: { size: 64 } }, { name: 'quicksort', parameters: { length: 10_000 } }] };

  const first = await ended(await client.post<Job>('/v1/jobs', body));
  const second = await ended(await client.post<Job>('/v1/jobs', body));

  expect([first.error, second.error]).toEqual([null, null]);
  const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${first.id}/samples`);
  const counts = new Set(samples.filter(({ variant, workload }) => variant !== 'none' && workload.startsWith('matmult')).map(({ events }) => events!.guest_user_syscall));
  expect(counts.size).toBe(1);
  expect(Number([...counts][0])).toBeGreaterThan(0);
  const { builds } = await client.get<{ builds: Build[] }>(`/v1/jobs/${second.id}/builds`);
  expect(builds.map(({ cached }) => cached)).toEqual([true, true, true]);
}, 1_800_000);

test('code that does not compile is the user\'s error, with file, line and message', async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of packFiles([{ path: 'instrument.c', content: '#include <qemu-instr/events.h>\nint broken(\n' }])) chunks.push(chunk as Buffer);
  const upload = await client.upload<{ digest: string }>('/v1/uploads', Buffer.concat(chunks));
  const request = { name: 'broken', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: ['memory_region_ops_write'], instrumentation: upload.digest, variants: ['dynamic'], workloads: [{ name: 'port-io' }], blocks: 6 };

  const job = await ended(await client.post<Job>('/v1/jobs', request));

  expect(job).toMatchObject({ state: 'failed', error: { code: 'COMPILE_FAILED', kind: 'user' } });
  expect(job.error!.details[0]!.path).toMatch(/^instrument\.c:\d+$/);
}, 600_000);

test('a guest that does not end is stopped at its limit, which is a failure that says so', async () => {
  const request = { name: 'slow', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: ['memory_region_ops_write'], variants: ['none'], workloads: [{ name: 'port-io', parameters: { writes: 1_000_000_000 }, timeoutSeconds: 1 }], blocks: 6 };

  const job = await ended(await client.post<Job>('/v1/jobs', request));

  expect(job).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMED_OUT', kind: 'workload' } });
}, 600_000);

test('a request that breaks rules is refused with the path of every field', async () => {
  const request = { name: 'x', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: ['memory_region_ops_wrote'], variants: ['static'], workloads: [{ name: 'port-io', parameters: { writes: 0 } }], blocks: 6 };

  const refusal = client.post('/v1/jobs', request);

  await expect(refusal).rejects.toMatchObject({ kind: 'user' });
  const paths = await refusal.catch((error: { details: { path: string }[] }) => error.details.map(({ path }) => path));
  expect(paths).toEqual(expect.arrayContaining(['events.0', 'workloads.0.parameters.writes']));
});

test('nothing of ended jobs is left on the engine', async () => {
  const left = execFileSync('docker', ['ps', '-aq', '--filter', 'label=qibench.job'], { encoding: 'utf8' });
  const volumes = execFileSync('docker', ['volume', 'ls', '-q', '--filter', 'label=qibench.job'], { encoding: 'utf8' });

  expect([left, volumes]).toEqual(['', '']);
});
