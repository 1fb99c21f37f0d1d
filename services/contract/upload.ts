import { z } from 'zod';

/** `sha256:` and 64 hexadecimal digits: how content is named everywhere. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest: sha256: and 64 hexadecimal digits');
export type Digest = z.infer<typeof Digest>;

/** Limits on an uploaded instrumentation or plugin; an archive beyond any of them is refused whole. */
export const UPLOAD_LIMITS = {
  packedBytes: 1024 * 1024, // 1 MiB as sent
  unpackedBytes: 8 * 1024 * 1024, // 8 MiB counted while reading
  files: 64,
  depth: 4,
} as const;

/** An instrumentation or a plugin that the service keeps, named by the digest of its files (not of the tar that carried them). */
export const Upload = z.object({
  digest: Digest,
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int() })),
  createdAt: z.iso.datetime(),
});
export type Upload = z.infer<typeof Upload>;
