// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { WorkloadFile, WorkloadService } from '#client/workload-upload.js';
import type { WorkloadManifest } from '#contract/workload-upload.js';

/** A service that keeps workloads in the memory, as one project sees it. */
export interface MemoryService extends WorkloadService {
  /** Unpacked bytes by digest. */
  readonly chunks: Map<string, Buffer>;
  /** Digests in the order in which they were sent, repetitions included. */
  readonly sent: string[];
  readonly manifests: WorkloadManifest[];
}

/** @param before Called before a chunk is stored, with its number from 1; it may fail. */
export function memoryService(before: (number: number) => void = () => undefined): MemoryService {
  const chunks = new Map<string, Buffer>();
  const sent: string[] = [];
  const manifests: WorkloadManifest[] = [];
  let number = 0;
  return {
    chunks,
    sent,
    manifests,
    async post<T>(path: string, body: unknown) {
      if (path === '/v1/chunks/missing') {
        const { digests } = body as { digests: string[] };
        return { missing: digests.filter((digest) => !chunks.has(digest)) } as T;
      }
      manifests.push(body as WorkloadManifest);
      return { digest: `sha256:${'0'.repeat(64)}` } as T;
    },
    async upload<T>(_: string, packed: Buffer) {
      before((number += 1));
      const bytes = gunzipSync(packed);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      sent.push(digest);
      chunks.set(digest, bytes);
      return { digest, sizeBytes: bytes.length } as T;
    },
  };
}

/** A file of a workload, read in pieces. */
export function workloadFile(path: string, content: Buffer, pieceBytes = 65_536): WorkloadFile {
  return {
    path,
    sizeBytes: content.length,
    async *content() {
      for (let at = 0; at < content.length; at += pieceBytes)
        yield content.subarray(at, at + pieceBytes);
    },
  };
}
