// SPDX-License-Identifier: GPL-2.0-or-later
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Returns whether the secret signed these bytes.
 * @see docs.github.com, "Validating webhook deliveries", X-Hub-Signature-256.
 */
export function isSigned(body: Buffer, header: string | undefined, secret: string): boolean {
  const digest = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  return (
    digest !== undefined &&
    timingSafeEqual(Buffer.from(digest, 'hex'), createHmac('sha256', secret).update(body).digest())
  );
}
