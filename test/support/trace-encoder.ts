// SPDX-License-Identifier: GPL-2.0-or-later
/** Writes trace files of QEMU's simple backend, format version 4, independently of the reader. */
export type Argument = bigint | string;

export const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const MAGIC = 0xf2b177cb0aa429b4n;

export const header = (magic = MAGIC, version = 4n): Buffer =>
  Buffer.concat([u64(-1n), u64(magic), u64(version)]);

export const mapping = (id: bigint, name: string): Buffer =>
  Buffer.concat([u64(0n), u64(id), u32(name.length), Buffer.from(name)]);

export const record = (
  id: bigint,
  timestampNs: bigint,
  pid: number,
  ...values: Argument[]
): Buffer => {
  const payload = Buffer.concat(
    values.flatMap((value) =>
      typeof value === 'bigint'
        ? [u64(value)]
        : [u32(Buffer.byteLength(value)), Buffer.from(value)],
    ),
  );
  return Buffer.concat([
    u64(1n),
    u64(id),
    u64(timestampNs),
    u32(24 + payload.length),
    u32(pid),
    payload,
  ]);
};

export const dropped = (timestampNs: bigint, count: bigint): Buffer =>
  record(-2n, timestampNs, 1, count);
