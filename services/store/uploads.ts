import { kindOfUpload, type Upload } from '../contract/upload.js';
import type { Store } from './store.js';

/** Keep an upload; the same content again is the same upload. */
export async function saveUpload(store: Store, upload: { digest: string; files: Upload['files']; tar: Buffer }): Promise<Upload> {
  const row = await store.prisma.upload.upsert({
    where: { digest: upload.digest },
    create: { digest: upload.digest, files: upload.files, tar: new Uint8Array(upload.tar) },
    update: {},
    omit: { tar: true },
  });
  return toUpload(row);
}

export async function findUpload(store: Store, digest: string): Promise<Upload | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, omit: { tar: true } });
  return row === null ? null : toUpload(row);
}

export async function readUploadTar(store: Store, digest: string): Promise<Buffer | null> {
  const row = await store.prisma.upload.findUnique({ where: { digest }, select: { tar: true } });
  return row === null ? null : Buffer.from(row.tar);
}

function toUpload(row: { digest: string; files: unknown; createdAt: Date }): Upload {
  const files = row.files as Upload['files'];
  return { digest: row.digest, kind: kindOfUpload(files), files, createdAt: row.createdAt.toISOString() };
}
