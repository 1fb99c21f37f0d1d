// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Ends the process with status 0 at SIGTERM or SIGINT, or when the process that supervises this one
 * has exited. Call it first: a signal may arrive while the process starts.
 *
 * @returns Function that sets the work of the end; until then, the process ends at once.
 */
export function endOnSignal(): (close: () => Promise<void>) => void {
  let close = () => Promise.resolve();
  let ending: Promise<void> | null = null;
  const end = () => void (ending ??= close().finally(() => process.exit(0)));
  for (const reason of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(reason, end);
  if (process.connected === false) end(); // the supervisor exited before this line
  return (work) => (close = work);
}
