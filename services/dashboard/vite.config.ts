import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder('.'),
  logLevel: 'warn',
  build: {
    outDir: folder('../../dist/services/dashboard'),
    emptyOutDir: true,
    // A font or icon in a data: URL would need a weaker content security policy.
    assetsInlineLimit: 0,
    sourcemap: true,
    // "use client" of React packages: it means nothing here.
    rolldownOptions: { onLog: (level, log, pass) => log.code === 'MODULE_LEVEL_DIRECTIVE' || pass(level, log) },
  },
  // `npx vite services/dashboard` beside a running service: pages reload as they are edited.
  server: { proxy: { '/v1': 'http://127.0.0.1:7171' } },
});
