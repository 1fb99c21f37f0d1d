import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const FORM = /^(qib_[0-9a-f]{48})_([0-9a-f]{8})$/;
const RANDOM_BYTES = 24;

/** A new secret: `qib_`, 192 random bits, and a checksum by which scanners and we know a token without asking anybody. */
export function newSecret(): string {
  const body = `qib_${randomBytes(RANDOM_BYTES).toString('hex')}`;
  return `${body}_${checksum(body)}`;
}

/** Whether this can be a token at all. */
export function hasForm(secret: string): boolean {
  const match = FORM.exec(secret);
  return match !== null && checksum(match[1]!) === match[2];
}

/** What is kept of a secret. It is found by this, so that nothing compares secrets; random as they are, they need no slow hash. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

const checksum = (body: string): string => crc32(body).toString(16).padStart(8, '0');
