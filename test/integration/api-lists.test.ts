// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { Job, JobList } from '#contract/job.js';
import type { EventList } from '#contract/qemu.js';
import type { Queue } from '#contract/queue.js';
import { startApi } from '#support/api-process.js';
import { REQUEST_BODY } from '#support/job-request.js';

let api: Awaited<ReturnType<typeof startApi>>;
let client: Client;
beforeAll(async () => {
  api = await startApi();
  ({ client } = api);
}, 30_000);
afterAll(() => api.stop());

test('a glob finds events of a version', async () => {
  const list = await client.get<EventList>('/v1/qemu/7.2/events?match=memory_region_ops_*');

  expect(list.events.map(({ name }) => name)).toEqual([
    'memory_region_ops_read',
    'memory_region_ops_write',
  ]);
  expect(list.events[1]!.arguments.map(({ name }) => name)).toContain('addr');
});

test('part of a name, directory, argument and kind of emulator find events', async () => {
  const found = async (query: string) =>
    (await client.get<EventList>(`/v1/qemu/7.2/events?${query}`)).events;
  const names = (events: EventList['events']) => events.map(({ name }) => name);

  expect(names(await found('contains=Region_OPS_w'))).toEqual(['memory_region_ops_write']);
  const inCache = await found('contains=read&directory=hw/block');
  expect(inCache.length).toBeGreaterThan(0);
  expect(
    inCache.every(
      ({ name, directory }) => name.includes('read') && directory.startsWith('hw/block'),
    ),
  ).toBe(true);
  expect(names(await found('contains=memory_region_ops&argument=uint64_t%20value'))).toEqual([
    'memory_region_ops_read',
    'memory_region_ops_write',
  ]);
  expect(names(await found('match=memory_region_ops_*&kind=linux-user'))).toEqual([]);
  const everything = await client.get<EventList>('/v1/qemu/7.2/events?limit=1');
  const enabled = await client.get<EventList>('/v1/qemu/7.2/events?limit=1&enabled=true');
  expect(everything.total).toBeGreaterThan(enabled.total);
});

test('name, state, project and branch find jobs, in pages', async () => {
  const project = `list-${process.pid}`;
  const submit = (name: string, more = {}) =>
    client.post<Job>('/v1/jobs', { ...REQUEST_BODY, name, project, ...more });
  const names = async (query: string) =>
    (await client.get<JobList>(`/v1/jobs?project=${project}&${query}`)).jobs.map(
      ({ name }) => name,
    );
  const first = await submit('100%_sure');
  await submit('second', { branch: 'dev' });
  await submit('third');
  await client.post(`/v1/jobs/${first.id}/cancel`, {});

  expect(await names('')).toEqual(['third', 'second', '100%_sure']);
  expect(await names('name=SEC')).toEqual(['second']);
  expect(await names('name=%25_')).toEqual(['100%_sure']);
  expect(await names('state=active')).toEqual(['third', 'second']);
  expect(await names('state=cancelled')).toEqual(['100%_sure']);
  expect(await names('branch=main')).toEqual(['third', '100%_sure']);
  expect(await names('branch=dev')).toEqual(['second']);

  const page = await client.get<JobList>(`/v1/jobs?project=${project}&limit=2`);
  expect(await names(`limit=2&after=${page.next}`)).toEqual(['100%_sure']);
  expect((await client.get<JobList>(`/v1/jobs?project=${project}&limit=3`)).next).toBeNull();
  await expect(client.get('/v1/jobs?state=lost')).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  });
  await expect(client.get('/v1/jobs?after=x')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});

test('a list of jobs has each job as it is, also with all events of both sides', async () => {
  const project = `long-${process.pid}`;
  const request = { ...REQUEST_BODY, project, events: ['*'], baseline: { version: '10.2' } };
  const jobs = [];
  for (let count = 0; count < 6; count += 1) jobs.push(await client.post<Job>('/v1/jobs', request));

  const list = await client.get<JobList>(`/v1/jobs?project=${project}&limit=5`);
  expect(list.jobs).toEqual(jobs.slice(1).reverse());
  expect(list.next).toBe(jobs[1]!.id);
  expect(list.jobs[0]!.plan.events.length).toBeGreaterThan(1_000);
}, 60_000);

test('the queue lists every job that has not ended, next first', async () => {
  const earlier = await client.post<Job>('/v1/jobs', REQUEST_BODY);
  const later = await client.post<Job>('/v1/jobs', REQUEST_BODY);

  const { jobs } = await client.get<Queue>('/v1/queue');
  const [first, second] = [earlier, later].map(({ id }) => jobs.find(({ jobId }) => jobId === id)!);

  expect(first).toMatchObject({ state: 'queued', blocksDone: 0, blocks: 6 });
  // Jobs of other projects may stand between, since projects take turns.
  expect(second!.position).toBeGreaterThan(first!.position!);
  const positions = jobs.flatMap(({ position }) => position ?? []);
  expect(positions).toEqual(positions.map((_, index) => index + 1));
  await client.post(`/v1/jobs/${later.id}/cancel`, {});
  expect((await client.get<Queue>('/v1/queue')).jobs.map(({ jobId }) => jobId)).not.toContain(
    later.id,
  );
});

test('cancelling a queued job ends it and its event stream, and a second cancel fails', async () => {
  const job = await client.post<Job>('/v1/jobs', REQUEST_BODY);

  expect(await client.post<Job>(`/v1/jobs/${job.id}/cancel`, {})).toMatchObject({
    state: 'cancelled',
    error: { code: 'CANCELLED' },
  });
  await expect(client.post(`/v1/jobs/${job.id}/cancel`, {})).rejects.toThrow(
    'has already ended (cancelled)',
  );
  const stream = await (await client.open(`/v1/jobs/${job.id}/events`)).text();
  expect(stream.match(/"state":"\w+"/g)).toEqual(['"state":"queued"', '"state":"cancelled"']);
});

test('an event stream continues after Last-Event-ID', async () => {
  const job = await client.post<Job>('/v1/jobs', REQUEST_BODY);
  await client.post(`/v1/jobs/${job.id}/cancel`, {});
  const stream = await (
    await client.open(`/v1/jobs/${job.id}/events`, { 'last-event-id': '1' })
  ).text();

  expect(stream.match(/^id: \d+$/gm)).toEqual(['id: 2']);
});

test('an event stream of an ended job ends at once if the client already has the last event', async () => {
  const job = await client.post<Job>('/v1/jobs', REQUEST_BODY);
  await client.post(`/v1/jobs/${job.id}/cancel`, {});

  expect(
    await (await client.open(`/v1/jobs/${job.id}/events`, { 'last-event-id': '2' })).text(),
  ).toBe('');
});

test('a place beyond every log and event is refused by its field', async () => {
  const { id } = await client.post<Job>('/v1/jobs', REQUEST_BODY);
  await client.post(`/v1/jobs/${id}/cancel`, {});
  const last = 2 ** 31 - 1;

  expect(await client.get(`/v1/jobs/${id}/logs?after=${last}`)).toMatchObject({ next: last });
  await expect(client.get(`/v1/jobs/${id}/logs?after=${last + 1}`)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'after' }],
  });
  await expect(
    client.open(`/v1/jobs/${id}/events`, { 'last-event-id': '3000000000' }),
  ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
});
