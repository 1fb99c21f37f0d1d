import { once } from 'node:events';

export default async function teardown(): Promise<void> {
  await globalThis.qibenchStopDocker?.();
  const child = globalThis.qibenchStores;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
