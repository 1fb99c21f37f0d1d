// SPDX-License-Identifier: GPL-2.0-or-later
// Preloaded into every program of the suite: blocks its event loop on a signal from outside.
const BLOCK_MS = 4_000;

process.on('SIGUSR2', () => {
  const endMs = performance.now() + BLOCK_MS;
  while (performance.now() < endMs);
});
