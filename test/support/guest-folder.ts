// SPDX-License-Identifier: GPL-2.0-or-later
import { sendWorkload, type WorkloadService } from '#client/workload-upload.js';
import type { Upload } from '#contract/upload.js';
import { workloadFile } from './memory-service.js';

/** Text of a workload.yaml for the target of most tests, with optional further fields. */
export const definitionText = (name: string, more = ''): string =>
  `schema: qibench.workload/1
name: ${name}
summary: a guest of a test
targets: [x86_64-softmmu]
run: { arguments: [-kernel, /workload/kernel], exitStatus: 0, timeoutSeconds: 5 }
${more}`;

/** Uploads a workload whose files have these contents. */
export async function uploadGuest(
  client: WorkloadService,
  files: Record<string, string | Buffer>,
): Promise<Upload> {
  return sendWorkload(
    client,
    Object.entries(files).map(([path, content]) => workloadFile(path, Buffer.from(content))),
  );
}
