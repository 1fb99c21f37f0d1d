import type { JobRequest } from '../contract/job.js';
import { isShipped } from '../contract/variant.js';

/** The uploads that a request names, each with the path of the field that names it. */
export function uploadsOf(request: JobRequest): { field: string; digest: string }[] {
  const { instrumentation, variants } = request;
  const plugins = variants.flatMap((variant, index) => {
    const plugin = typeof variant === 'string' ? undefined : variant.plugin;
    return plugin === undefined || isShipped(plugin) ? [] : [{ field: `variants.${index}.plugin`, digest: plugin }];
  });
  return [...(instrumentation === undefined ? [] : [{ field: 'instrumentation', digest: instrumentation }]), ...plugins];
}
