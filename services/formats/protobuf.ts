// SPDX-License-Identifier: GPL-2.0-or-later
/** Bytes that the length of a nested message takes: its varint is padded to its final place. */
const LENGTH_BYTES = 4;
const MAX_VARINT_BYTES = 10;

/**
 * Writes messages of protocol buffers, field by field, into one buffer.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  #bytes = Buffer.alloc(4096);
  #used = 0;

  /** Writes a field of type uint32, uint64, int32, int64 or an enumeration. */
  integer(field: number, value: number | bigint): void {
    this.#tag(field, 0);
    if (typeof value === 'number' && value >= 0) {
      this.#varint(value >>> 0, Math.floor(value / 2 ** 32));
    } else {
      const bits = BigInt.asUintN(64, BigInt(value));
      this.#varint(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    }
  }

  fixed64(field: number, value: bigint): void {
    this.#tag(field, 1);
    this.#reserve(8);
    this.#used = this.#bytes.writeBigUInt64LE(value, this.#used);
  }

  text(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#tag(field, 2);
    this.#varint(length, 0);
    this.#reserve(length);
    this.#used += this.#bytes.write(text, this.#used);
  }

  /** Writes a nested message of less than 256 MiB, whose fields `write` writes. */
  message(field: number, write: () => void): void {
    this.#tag(field, 2);
    this.#reserve(LENGTH_BYTES);
    const start = this.#used + LENGTH_BYTES;
    this.#used = start;
    write();
    const length = this.#used - start;
    for (let index = 0; index < LENGTH_BYTES; index += 1)
      this.#bytes[start - LENGTH_BYTES + index] =
        ((length >>> (7 * index)) & 127) | (index < LENGTH_BYTES - 1 ? 128 : 0);
  }

  /** Returns the bytes written since the last call. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    return taken;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(8 * field + wireType, 0);
  }

  /** Writes a 64-bit number, given as two unsigned words. */
  #varint(low: number, high: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    for (; high !== 0 || low > 127; high >>>= 7) {
      this.#bytes[this.#used++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
    }
    this.#bytes[this.#used++] = low;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.#used + bytes));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
