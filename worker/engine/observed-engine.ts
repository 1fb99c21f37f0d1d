// SPDX-License-Identifier: GPL-2.0-or-later
import type { Engine } from './engine.js';
import type { WorkerMetrics } from '../telemetry/worker-metrics.js';

/** Wraps an engine and counts its image builds. */
export function observedBackend(backend: Engine, { imageBuilds }: WorkerMetrics): Engine {
  return {
    ...backend,
    async buildImage(...request) {
      try {
        await backend.buildImage(...request);
        imageBuilds.inc({ outcome: 'built' });
      } catch (error) {
        imageBuilds.inc({ outcome: 'failed' });
        throw error;
      }
    },
  };
}
