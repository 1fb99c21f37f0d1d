import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from '../services/cli/client.js';

/** The API as a process of its own, on the stores of the tests. */
export async function startApi(): Promise<{ client: Client; stop(): Promise<void> }> {
  const environment = { ...process.env, DATABASE_URL: process.env.TEST_DATABASE_URL, REDIS_URL: process.env.TEST_REDIS_URL, QIBENCH_PORT: '0' };
  const api = spawn(process.execPath, ['dist/services/api/main.js'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(api.stdout, 'data')) as [Buffer];
  return {
    client: new Client(/http:\S+/.exec(line.toString())![0]),
    async stop() {
      const exited = once(api, 'exit');
      api.kill('SIGTERM');
      await exited;
    },
  };
}
