// SPDX-License-Identifier: GPL-2.0-or-later
export default async function teardown(): Promise<void> {
  await globalThis.qibenchStopDocker?.();
}
