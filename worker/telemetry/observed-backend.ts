import type { Backend } from '../backend/backend.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** The backend, with its builds of images counted. */
export function observedBackend(backend: Backend, { imageBuilds }: WorkerMetrics): Backend {
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
