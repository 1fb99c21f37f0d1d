// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { WebhookDelivery, WebhookDeliveryList } from '#contract/webhook.js';
import { openStore, type Store } from '#store/store.js';
import { FakeGitHub, FAULTS, type Fault } from '#support/github/fake-github.js';
import {
  commentOn,
  deliver,
  expireClaim,
  jobsOfCommit,
  polled,
  putPull,
  startReceiver,
} from '#support/github/webhook.js';

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Guard against hanging on a busy machine. */
const BUSY_MS = 300_000;
const github = new FakeGitHub();
let store: Store;
let apis: Receiver[] = [];
let number = 100;
let head = '';
let delivery = '';
beforeAll(async () => {
  await github.start();
  store = await openStore(process.env.TEST_DATABASE_URL!);
});
beforeEach(() => {
  number++;
  head = randomBytes(20).toString('hex');
  delivery = randomUUID();
  github.asked.length = 0;
  github.faults.length = 0;
  putPull(github, number, head);
});
afterEach(async () => {
  await Promise.all(apis.map((api) => api.stop()));
  apis = [];
});
afterAll(async () => {
  await store.close();
  await github.stop();
});

const start = async () => {
  apis.push(await startReceiver(github, { QIBENCH_LOG_LEVEL: 'fatal' }));
  return apis.at(-1)!;
};
const end = (api: Receiver, how: 'stop' | 'kill') => {
  apis = apis.filter((running) => running !== api);
  return api[how]();
};
const send = (api: Receiver, payload: unknown = commentOn(number), id = delivery) =>
  deliver(api.client.server, 'issue_comment', payload, { delivery: id });
const listed = async () =>
  (await apis[0]!.client.get<WebhookDeliveryList>('/v1/webhooks')).deliveries.find(
    (entry) => entry.delivery === delivery,
  )!;
const jobs = (commit = head) => jobsOfCommit(store, commit);
const comments = () => (github.comments.get(number) ?? []).map(({ body }) => body);

/** Polls the API until the delivery fits. */
const until = (fits: (delivery: WebhookDelivery) => boolean) => polled(listed, fits);
const inState = (state: WebhookDelivery['state']) => until((found) => found.state === state);
const endClaim = () => expireClaim(store, delivery);
const endJob = async (api: Receiver) => {
  for (const { id } of await jobs()) await api.client.post(`/v1/jobs/${id}/cancel`, {});
};

const COMMENTS = () => new RegExp(`issues/${number}/comments`);

test(
  'another API takes over from one killed during a submission, once its claim has expired',
  async () => {
    const first = await start();
    github.hold(/GET .*compare/);
    await send(first);
    await github.seen(({ path }) => path.includes('/compare/'));
    await end(first, 'kill');

    const second = await start();
    await inState('announced');
    expect(await jobs()).toHaveLength(1);
    expect(comments()).toEqual([expect.stringContaining((await jobs())[0]!.id)]);
    await endJob(second);
    await inState('reported');
    expect(comments()).toEqual([expect.stringContaining('Cancelled: the code was not judged')]);
  },
  BUSY_MS,
);

test.each<[string, 'kill' | 'stop', RegExp, Partial<Fault>]>([
  ['before GitHub has the comment', 'kill', /POST .*comments/, {}],
  [
    'after GitHub has stored the comment and before the API has the answer',
    'kill',
    /POST .*comments/,
    { done: true },
  ],
  ['in the middle, on request', 'stop', /GET .*tarball/, {}],
])(
  'an API that ends %s leaves one job and one comment',
  async (_, how, on, fault) => {
    const first = await start();
    github.hold(on, fault);
    await send(first);
    await github.seen(({ method, path }) => on.test(`${method} ${path}`));
    await end(first, how);
    const marker =
      '<!-- qibench ' +
      `delivery=${createHash('sha256').update(delivery).digest('hex').slice(0, 32)} -->`;
    github.addComment(number, `${marker} of a stranger`);

    const second = await start();
    await endClaim();
    await inState('announced');
    await endJob(second);
    await inState('reported');
    expect(await jobs()).toHaveLength(1);
    const ours = comments().filter((body) => body !== `${marker} of a stranger`);
    expect(ours).toEqual([
      expect.stringMatching(/^<!-- .*\n.*bench\.example\/jobs\/[\s\S]*Cancelled/),
    ]);
    expect(comments()).toHaveLength(2);
  },
  BUSY_MS,
);

test(
  'another API takes over from one killed while it reports the end',
  async () => {
    const first = await start();
    await send(first);
    await inState('announced');
    github.hold(/PATCH .*comments/);
    await endJob(first);
    await github.seen(({ method }) => method === 'PATCH');
    await end(first, 'kill');

    await start();
    await endClaim();
    await inState('reported');
    expect(comments()).toEqual([expect.stringContaining('Cancelled')]);
  },
  BUSY_MS,
);

test(
  'two API processes take each step once between them, and one accepts a delivery sent to both',
  async () => {
    const both = await Promise.all([start(), start()]);
    const several = Array.from({ length: 6 }, (_, index) => ({
      payload: commentOn(number),
      id: `${delivery}-${index}`,
    }));
    const answers = await Promise.all(
      several.flatMap(({ payload, id }) => both.map((api) => send(api, payload, id))),
    );

    expect(answers.filter(({ answer }) => answer.accepted)).toHaveLength(6);
    delivery = `${delivery}-5`;
    while (comments().length < 6) await pause(50);
    await inState('announced');
    expect(await jobs()).toHaveLength(6);
    expect(github.received('POST', COMMENTS())).toHaveLength(6);
    await endJob(both[0]);
  },
  BUSY_MS,
);

test(
  'a step that takes longer than a claim stays with its process',
  async () => {
    await Promise.all([start(), start()]);
    const release = github.hold(/GET .*compare/, {
      status: 200,
      body: { merge_base_commit: { sha: 'b'.repeat(40) } },
    });
    await send(apis[1]!);
    await github.seen(({ path }) => path.includes('/compare/'));
    const { dueAt } = await listed();
    await until((found) => Date.parse(found.dueAt!) > Date.parse(dueAt!) + 8_000);
    release();

    await inState('announced');
    expect(github.received('GET', /compare/)).toHaveLength(1);
    expect(await jobs()).toHaveLength(1);
  },
  BUSY_MS,
);

test(
  'transient errors are retried at every step: a broken connection, 429, 5xx, both rate limits',
  async () => {
    const api = await start();
    github.faults.push(
      { on: /GET .*compare/, status: 0 },
      { on: /GET .*contents/, ...FAULTS.serverError },
      { on: /GET .*tarball/, status: 429, body: { message: 'slow down' } },
      { on: /POST .*comments/, ...FAULTS.secondaryLimit },
      { on: /GET .*comments/, ...FAULTS.primaryLimit(Date.now()) },
      { on: /PATCH .*comments/, status: 503 },
    );
    await send(api);
    await inState('announced');
    await endJob(api);

    expect(await inState('reported')).toMatchObject({ error: null });
    expect(github.faults).toEqual([]);
    expect(await jobs()).toHaveLength(1);
    expect(comments()).toEqual([expect.stringContaining('Cancelled')]);
  },
  BUSY_MS,
);

test(
  'a step waits as long as GitHub asks, and reports why meanwhile',
  async () => {
    const api = await start();
    github.faults.push({
      on: /GET .*compare/,
      status: 429,
      headers: { 'retry-after': '4' },
      body: { message: 'slow @down' },
    });
    await send(api);

    expect((await until(({ error }) => error !== null)).error).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/compare.* answered 429 \(slow @down\)/) as string,
    });
    await inState('announced');
    const [first, second] = github.received('GET', /compare/);
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(4_000);
  },
  BUSY_MS,
);

test(
  'an action that GitHub forbids is not retried, and the failure is visible',
  async () => {
    const api = await start();
    github.faults.push({ on: /POST .*comments/, ...FAULTS.forbidden });
    await send(api);

    expect(await inState('failed')).toMatchObject({
      jobId: (await jobs())[0]!.id,
      dueAt: null,
      error: {
        code: 'GITHUB_REFUSED',
        kind: 'infra',
        message: expect.stringContaining('403 (Resource not accessible by integration)'),
      },
    });
    expect(github.received('POST', COMMENTS())).toHaveLength(1);
    const metrics = await (await fetch(`${api.client.server}/metrics`)).text();
    expect(metrics).toMatch(/^qibench_webhook_deliveries\{state="failed"\} [1-9]/m);
  },
  BUSY_MS,
);

test(
  'a job that could not be submitted after many attempts is given up, and the comment does not blame the code',
  async () => {
    const api = await start();
    github.faults.push(
      { on: /GET .*compare/, ...FAULTS.serverError },
      { on: /GET .*compare/, ...FAULTS.serverError },
    );
    await send(api);
    await until(({ error }) => error !== null);
    await store.pool.query('UPDATE webhook_delivery SET attempts = 14 WHERE delivery = $1', [
      delivery,
    ]);

    expect(await inState('reported')).toMatchObject({
      jobId: null,
      error: { code: 'UNAVAILABLE' },
    });
    expect(comments()).toEqual([
      expect.stringContaining('qibench itself failed: the code was not judged'),
    ]);
    expect(await jobs()).toEqual([]);
  },
  BUSY_MS,
);

test(
  'the reason of a refused job is reported, even if GitHub accepts the comment only later',
  async () => {
    putPull(github, number, head, '2026-01-01T00:00:01Z');
    const api = await start();
    github.faults.push({ on: /POST .*comments/, ...FAULTS.serverError });
    await send(api);

    expect(await inState('reported')).toMatchObject({ error: { code: 'NOT_REVIEWED' } });
    expect(comments()).toEqual([expect.stringContaining('pushed after the comment')]);
  },
  BUSY_MS,
);

test(
  'a repeated delivery is refused permanently: by its id, by its body, and by another API after a restart',
  async () => {
    const first = await start();
    const payload = commentOn(number);
    expect((await send(first, payload)).answer).toEqual({ accepted: true, reason: null });
    await inState('announced');
    const replay = {
      status: 202,
      answer: { accepted: false, reason: 'this delivery was received before' },
    };

    expect(await send(first, payload)).toEqual(replay);
    expect(await send(first, payload, randomUUID())).toEqual(replay);
    expect(await send(first, commentOn(number))).toEqual(replay);
    await end(first, 'stop');
    const second = await start();
    expect(await send(second, payload)).toEqual(replay);
    expect(await jobs()).toHaveLength(1);
    expect(
      await deliver(second.client.server, 'issue_comment', commentOn(number), { delivery: '' }),
    ).toMatchObject({ status: 401, answer: { error: { code: 'BAD_WEBHOOK' } } });
  },
  BUSY_MS,
);
