// SPDX-License-Identifier: GPL-2.0-or-later
import { tmpdir } from 'node:os';
import { ensureDocker } from '#cli/embedded/dockerd.js';
import { readCommandSettings } from '#cli/settings.js';

declare global {
  var qibenchStopDocker: (() => Promise<void>) | undefined;
}

/** Starts a Docker engine for tests that use it without a service. */
export default async function setup(): Promise<void> {
  globalThis.qibenchStopDocker = await ensureDocker(tmpdir(), readCommandSettings(process.env));
}
