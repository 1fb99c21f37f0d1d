import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import tar from 'tar-stream';
import { parse } from 'yaml';
import { QibenchError } from '../contract/error.js';
import { JobFile, type Job } from '../contract/job.js';
import type { Baseline } from '../contract/side.js';
import { isPatch, type Upload } from '../contract/upload.js';
import { isShipped } from '../contract/variant.js';
import type { Client } from './client.js';

/** Submit a job file: its folders, of instrumentations, patches and plugins, are uploaded first. Errors: BAD_JOB_FILE names the field and the rule. */
export async function submitFile(client: Client, file: string, idempotencyKey?: string): Promise<Job> {
  const { instrumentation, variants, qemu, baseline, ...request } = await readJobFile(file);
  const uploaded = (field: string, name: string) => (name.startsWith('sha256:') ? name : uploadFolder(client, { file, field, folder: name }));
  const body = {
    ...request,
    qemu: { ...qemu, ...(qemu.patches === undefined ? {} : { patches: await uploaded('qemu.patches', qemu.patches) }) },
    ...(instrumentation === undefined ? {} : { instrumentation: await uploaded('instrumentation', instrumentation) }),
    ...(baseline === undefined ? {} : { baseline: await uploadedBaseline(baseline, uploaded) }),
    variants: await Promise.all(variants.map(async (variant, index) => {
      if (typeof variant === 'string' || variant.plugin === undefined || isShipped(variant.plugin)) return variant;
      return { ...variant, plugin: await uploaded(`variants.${index}.plugin`, variant.plugin) };
    })),
  };
  return client.post<Job>('/v1/jobs', body, idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey });
}

/** A baseline with digests in place of its folders. */
async function uploadedBaseline(baseline: NonNullable<JobFile['baseline']>, uploaded: (field: string, name: string) => string | Promise<string>): Promise<Baseline> {
  if (baseline === 'same') return baseline;
  const { patches, instrumentation, ...rest } = baseline;
  return {
    ...rest,
    ...(patches === undefined ? {} : { patches: patches === null ? null : await uploaded('baseline.patches', patches) }),
    ...(instrumentation === undefined ? {} : { instrumentation: await uploaded('baseline.instrumentation', instrumentation) }),
  };
}

async function readJobFile(file: string): Promise<JobFile> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new QibenchError('BAD_JOB_FILE', { file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
  const parsed = JobFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || '(file)', message }));
  throw new QibenchError('BAD_JOB_FILE', { file, reason: `${details.length} rule(s) broken` }, { details });
}

async function uploadFolder(client: Client, { file, field, folder }: { file: string; field: string; folder: string }): Promise<string> {
  const candidates = [resolve(folder), resolve(dirname(file), folder)];
  const wanted = field.endsWith('patches') ? isPatch : () => true; // a folder of patches may have notes
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => null);
    if (found?.isDirectory()) return (await client.upload<Upload>('/v1/uploads', await packFolder(candidate, wanted))).digest;
  }
  throw new QibenchError('BAD_JOB_FILE', { file, reason: `${field}: no folder ${candidates.join(' or ')}` });
}

async function packFolder(folder: string, wanted: (path: string) => boolean): Promise<Buffer> {
  const pack = tar.pack();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile() && !candidate.name.startsWith('.'))) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (wanted(name)) pack.entry({ name }, await readFile(path));
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
