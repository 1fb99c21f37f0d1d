// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { packFiles } from '#client/folder.js';
import { Service } from '#action/service.js';
import { Comparison } from '#contract/comparison.js';
import { Job } from '#contract/job.js';
import { Upload } from '#contract/upload.js';
import { startApi } from '#support/api-process.js';
import { startClosedApi } from '#support/closed-api.js';
import { TestRepository } from '#support/action/repository.js';
import { runAction } from '#support/action/workflow.js';
import { FakeGitHub } from '#support/github/fake-github.js';

let api: Awaited<ReturnType<typeof startApi>>;
let service: Service;
beforeAll(async () => {
  api = await startApi();
  const retryPolicy = {
    attempts: 1,
    random: Math.random,
    pause: () => Promise.reject(new Error('nothing is tried again here')),
  };
  service = new Service(
    api.client.server,
    () => Promise.resolve(null),
    retryPolicy,
    new AbortController().signal,
  );
}, 30_000);
afterAll(() => api.stop());

const request = {
  name: 'action',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  variants: ['none', 'dynamic'],
  workloads: [{ name: 'port-io' }],
  blocks: 6,
  branch: 'pull/1',
  commit: 'a'.repeat(40),
};
const key = { 'idempotency-key': `github-${'0'.repeat(56)}${process.pid}` };

test("the API accepts the Action's request, and its answers follow the contract", async () => {
  const upload = Upload.parse(
    await service.upload(
      '/v1/uploads',
      await packFiles([{ path: 'instrument.c', content: Buffer.from('int a;') }]),
    ),
  );
  const body = { ...request, instrumentation: upload.digest };
  const job = Job.parse(await service.post('/v1/jobs', body, key));

  expect(Job.parse(await service.post('/v1/jobs', body, key)).id).toBe(job.id);
  await expect(service.post('/v1/jobs', { ...body, name: 'other' }, key)).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
    kind: 'user',
  });
  expect(
    Comparison.parse(await service.get(`/v1/jobs/${job.id}/comparison?metric=wallNs`)).sides,
  ).toEqual([]);
  await service.cancel(job.id);
  expect(Job.parse(await service.get(`/v1/jobs/${job.id}`)).state).toBe('cancelled');
});

test("an invalid request is the user's error and names the field", async () => {
  await expect(service.post('/v1/jobs', { ...request, blocks: 1 })).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    kind: 'user',
    details: [{ path: 'blocks' }],
  });
});

test(
  'a workflow signs in by its id-token: its job belongs to the trusted project, and no secret ' +
    'is printed',
  async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwks = JSON.stringify({
      keys: [{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig', alg: 'RS256' }],
    });
    const issuer = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(jwks),
    ).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    const iss = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    const closed = await startClosedApi({
      QIBENCH_GITHUB_ISSUER: iss,
      QIBENCH_GITHUB_AUDIENCE: 'https://bench.example',
    });
    const github = new FakeGitHub();
    await github.start();
    const idTokens: string[] = [];
    github.signIdToken = async (aud) => {
      const seconds = Math.floor(Date.now() / 1000);
      const claims = {
        iss,
        aud,
        sub: 's',
        jti: randomUUID(),
        iat: seconds,
        nbf: seconds,
        exp: seconds + 300,
        repository: 'owner/name',
        repository_id: '815',
        ref: 'refs/heads/main',
        event_name: 'push',
        run_id: '1',
      };
      idTokens.push(
        await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey),
      );
      return idTokens.at(-1)!;
    };
    const repository = new TestRepository();
    try {
      const sha = repository
        .copy('qemu/examples/count', 'code')
        .write(
          '.qibench.yaml',
          JSON.stringify({
            ...request,
            branch: undefined,
            commit: undefined,
            instrumentation: 'code',
          }),
        )
        .commit('push');
      const step = {
        inputs: { 'server-url': closed.url, audience: 'https://bench.example', detach: 'true' },
        environment: {
          GITHUB_EVENT_NAME: 'push',
          GITHUB_REPOSITORY: 'owner/name',
          GITHUB_SHA: sha,
          GITHUB_REF: 'refs/heads/main',
          GITHUB_RUN_ID: '1',
          GITHUB_JOB: 'bench',
          GITHUB_WORKSPACE: repository.workspace,
          GITHUB_API_URL: github.url,
          ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/id-token?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
        },
        event: {},
      };
      const stranger = await runAction(step);
      expect(stranger).toMatchObject({ status: 1, outputs: { 'job-id': '' } });
      expect(stranger.log).toMatch(
        /^::error::.*repository owner\/name \(id 815\) may not submit jobs/m,
      );

      const { client } = await closed.token({ scopes: ['admin'] });
      await client.post('/v1/trusts', {
        project: 'trusted',
        repositoryId: '815',
        repository: 'owner/name',
      });
      const ended = await runAction(step);

      expect(ended).toMatchObject({ status: 0, outputs: { status: 'submitted' } });
      expect(Job.parse(await client.get(`/v1/jobs/${ended.outputs['job-id']}`))).toMatchObject({
        state: 'queued',
        request: { project: 'trusted', branch: 'main', commit: sha },
      });
      const masked = [...ended.log.matchAll(/^::add-mask::(.*)$/gm)].map(([, secret]) => secret!);
      expect(masked).toEqual(
        expect.arrayContaining([idTokens.at(-1), expect.stringMatching(/^qib_/)]),
      );
      const printed = ended.log.replace(/^::add-mask::.*$/gm, '');
      for (const secret of masked) expect(printed).not.toContain(secret);
      expect((await runAction({ ...step, after: ended })).status).toBe(0);
      // Detached: the post step leaves it.
      expect(Job.parse(await client.get(`/v1/jobs/${ended.outputs['job-id']}`)).state).toBe(
        'queued',
      );
    } finally {
      await closed.stop();
      await github.stop();
      issuer.close();
      repository.remove();
    }
  },
  60_000,
);

test('a workflow cancelled during the submission leaves no job behind', async () => {
  const repository = new TestRepository();
  let kill: () => void = () => undefined;
  let held = 0;
  // Between the two, the first answer to a submission gets lost.
  const between = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const headers = Object.fromEntries(
          ['content-type', 'idempotency-key'].flatMap((name) =>
            incoming.headers[name] === undefined ? [] : [[name, String(incoming.headers[name])]],
          ),
        );
        const sent =
          incoming.method === 'POST'
            ? { method: 'POST', body: Buffer.concat(chunks), headers }
            : {};
        void fetch(api.client.server + incoming.url!, sent).then(async (answer) => {
          const text = await answer.text();
          if (incoming.url === '/v1/jobs' && held++ === 0) kill();
          else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
        });
      });
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  try {
    const sha = repository
      .copy('qemu/examples/count', 'code')
      .write(
        '.qibench.yaml',
        JSON.stringify({
          ...request,
          name: 'lost',
          branch: undefined,
          commit: undefined,
          instrumentation: 'code',
        }),
      )
      .commit('push');
    const ended = await runAction({
      inputs: { 'server-url': `http://127.0.0.1:${(between.address() as AddressInfo).port}` },
      event: {},
      environment: {
        GITHUB_EVENT_NAME: 'push',
        GITHUB_REPOSITORY: 'owner/name',
        GITHUB_SHA: sha,
        GITHUB_REF: 'refs/heads/main',
        GITHUB_RUN_ID: '2',
        GITHUB_JOB: 'bench',
        GITHUB_WORKSPACE: repository.workspace,
      },
      onOutput: (_, signal) => (kill = () => signal('SIGINT')),
    });

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'cancelled' } });
    expect(held).toBe(2);
    const { jobs } = await service.get<{ jobs: Job[] }>('/v1/jobs?limit=20');
    expect(jobs.filter(({ name }) => name === 'lost')).toMatchObject([{ state: 'cancelled' }]);
  } finally {
    between.closeAllConnections();
    between.close();
    repository.remove();
  }
}, 60_000);
