// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import stopDocker from './docker-teardown.js';

export default async function teardown(): Promise<void> {
  await stopDocker();
  const child = globalThis.qibenchStores;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
