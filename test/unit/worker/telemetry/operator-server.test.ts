// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { connect } from 'node:net';
import { Gauge, Registry } from '#telemetry/metrics.js';
import { serveOperator, type OperatorServer } from '#worker/telemetry/operator-server.js';

const metrics = new Registry();
let server: OperatorServer;

beforeEach(async () => {
  server = await serveOperator({ host: '127.0.0.1', port: 0, version: '1.2.3' }, metrics, {
    store: () => Promise.resolve(null),
  });
});
afterEach(async () => {
  metrics.clear();
  await server.close();
});

/** Sends a request line as it is, which fetch would refuse, and returns the answer. */
async function send(line: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

const live = async () => (await fetch(`${server.url}/live`)).json();

test.each([
  'GET //[',
  'GET http://[/live',
  'GET *',
  'GET /%',
  'GET /__proto__',
  'GET /constructor?x',
  'POST /live',
  'HEAD /live',
  'OPTIONS *',
])('%s answers 404, and the worker stays alive', async (line) => {
  expect(await send(line)).toMatch(/^HTTP\/1.1 404 /);
  expect(await live()).toMatchObject({ live: true, version: '1.2.3' });
});

test('a query does not change the answer', async () => {
  expect(await send('GET /ready?x=//[')).toMatch(/^HTTP\/1.1 200 /);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('planted');
    },
  ],
  ['is not a number', () => 'x' as unknown as number],
])('a metric that %s answers 500, and the worker stays alive', async (_, value) => {
  new Gauge({
    name: 'planted',
    help: 'planted',
    registers: [metrics],
    collect() {
      this.set(value());
    },
  });

  expect(await send('GET /metrics')).toMatch(/^HTTP\/1.1 500 /);
  expect(await live()).toMatchObject({ live: true });
});
