// Preloaded into every program of the suite: its event loop can be blocked from outside.
const BLOCK_MS = 4_000;

process.on('SIGUSR2', () => {
  const endMs = performance.now() + BLOCK_MS;
  while (performance.now() < endMs);
});
