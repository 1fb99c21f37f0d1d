import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../services/cli/client.js';
import { startService } from '../../services/cli/up.js';

/** A service of the benchmark's own, its data thrown away afterwards; images and compiler cache are the machine's. */
export async function withService(use: (client: Client) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'qibench-bench-'));
  const service = await startService(
    process.cwd(),
    { ...process.env, QIBENCH_HOME: home },
    () => undefined,
  );
  try {
    await use(new Client(service.url));
  } finally {
    await service.stop();
    await rm(home, { recursive: true, force: true });
  }
}
