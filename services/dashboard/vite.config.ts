// SPDX-License-Identifier: GPL-2.0-or-later
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder('.'),
  // Relative addresses; the service makes them absolute in the document.
  base: './',
  logLevel: 'warn',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: folder('../../dist/dashboard'),
    emptyOutDir: true,
    // A font or icon in a data: URL would need a weaker content security policy.
    assetsInlineLimit: 0,
    sourcemap: true,
    // React packages begin with "use client", which has no effect here.
    rolldownOptions: {
      onLog: (level, log, pass) => log.code === 'MODULE_LEVEL_DIRECTIVE' || pass(level, log),
    },
  },
  // `npx vite services/dashboard` beside a running service reloads pages as they are edited. The
  // Host header stays the page's own, because the service refuses changes from another origin.
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:7171', changeOrigin: false } } },
});
