// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const FORM = /^(qib_[0-9a-f]{48})_([0-9a-f]{8})$/;
const RANDOM_BYTES = 24;

/**
 * Returns a new secret: `qib_`, 192 random bits and a checksum. By the checksum the service and
 * secret scanners recognise a token offline.
 */
export function newSecret(): string {
  const body = `qib_${randomBytes(RANDOM_BYTES).toString('hex')}`;
  return `${body}_${checksum(body)}`;
}

/** Returns whether a text has the format and the checksum of a token. */
export function hasForm(secret: string): boolean {
  const match = FORM.exec(secret);
  return match !== null && checksum(match[1]!) === match[2];
}

/**
 * Returns the stored digest of a secret. Tokens are found by their digest, so secrets are never
 * compared. Secrets are random, so a fast hash suffices.
 */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

const checksum = (body: string): string => crc32(body).toString(16).padStart(8, '0');
