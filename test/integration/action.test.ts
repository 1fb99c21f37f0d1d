import { packFiles } from '../../services/client/folder.js';
import { Service } from '../../services/action/service.js';
import { Comparison } from '../../services/contract/comparison.js';
import { Job } from '../../services/contract/job.js';
import { Upload } from '../../services/contract/upload.js';
import { startApi } from '../api-process.js';

let api: Awaited<ReturnType<typeof startApi>>;
let service: Service;
beforeAll(async () => {
  api = await startApi();
  const patience = { attempts: 1, random: Math.random, pause: () => Promise.reject(new Error('nothing is tried again here')) };
  service = new Service(api.client.server, () => Promise.resolve(null), patience, new AbortController().signal);
}, 30_000);
afterAll(() => api.stop());

const request = { name: 'action', qemu: { version: '7.2', target: 'x86_64-softmmu' }, events: ['memory_region_ops_write'], variants: ['none', 'dynamic'], workloads: [{ name: 'port-io' }], blocks: 6, branch: 'pull/1', commit: 'a'.repeat(40) };
const key = { 'idempotency-key': `github-${'0'.repeat(56)}${process.pid}` };

test('what the Action sends is what the API takes, and what it answers is as the contract says', async () => {
  const upload = Upload.parse(await service.upload('/v1/uploads', await packFiles([{ path: 'instrument.c', content: Buffer.from('int a;') }])));
  const body = { ...request, instrumentation: upload.digest };
  const job = Job.parse(await service.post('/v1/jobs', body, key));

  expect(Job.parse(await service.post('/v1/jobs', body, key)).id).toBe(job.id);
  await expect(service.post('/v1/jobs', { ...body, name: 'other' }, key)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', kind: 'user' });
  expect(Comparison.parse(await service.get(`/v1/jobs/${job.id}/comparison?metric=wallNs`)).sides).toEqual([]);
  await service.cancel(job.id);
  expect(Job.parse(await service.get(`/v1/jobs/${job.id}`)).state).toBe('cancelled');
});

test('a request that breaks a rule names the field, as an error of the user', async () => {
  await expect(service.post('/v1/jobs', { ...request, blocks: 1 })).rejects.toMatchObject({ code: 'INVALID_REQUEST', kind: 'user', details: [{ path: 'blocks' }] });
});
