// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { cleanArchive } from '#api/archive.js';
import { readBundle } from '#cli/bundle.js';
import { QibenchError } from '#contract/error.js';
import { installedFiles } from '#worker/build/installed.js';
import { fileFromTar, readStream } from '#worker/build/tar.js';
import { check, nameOf, type Target } from '../target.js';

const BLOCK = 512;
const dictionary = [
  'ustar\0' + '00',
  'ustar  \0',
  ...'0123456789xgLKSDVMN'.split(''),
  '../',
  '/',
  './',
  '\0',
  'a\nb.c',
  'instrument.c',
  'Makefile',
  'sub/a.h',
  'sub',
  '0001.patch',
  'PaxHeader/x',
  '20 path=../../x.c\n',
  '19 size=4294967296\n',
  '11 size=-1\n',
  '30 GNU.sparse.realsize=99999\n',
  '99999999999 path=x\n',
  '0 =\n',
  '77777777777 ',
  Buffer.from('80000000000000ffffffffff', 'hex'),
  Buffer.alloc(BLOCK),
  Buffer.alloc(2 * BLOCK),
];

/** Writes the checksum of every block that looks like a header. */
function writeChecksums(input: Buffer): void {
  for (let at = 0; at + BLOCK <= input.length; at += BLOCK) {
    if (input.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    input.write('        ', at + 148, 'latin1');
    let sum = 0;
    for (let index = at; index < at + BLOCK; index += 1) sum += input[index]!;
    input.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
}

export const uploadArchive: Target = {
  name: 'upload-archive',
  dictionary,
  repair: writeChecksums,
  async run(input) {
    let clean;
    try {
      clean = await cleanArchive(input);
    } catch (error) {
      if (!(error instanceof QibenchError)) throw error;
      check(error.code === 'BAD_ARCHIVE', `the error is ${error.code}`);
      return nameOf(error.message);
    }
    const again = await cleanArchive(clean.tar);
    check(
      again.digest === clean.digest && again.tar.equals(clean.tar),
      'a cleaned tar reads back as the same tar',
    );
    check(
      clean.files.every(({ path }) => !/(^|\/)\.\.?(\/|$)|^\/|[^\w./-]/.test(path)),
      'names are plain and relative',
    );
    return `accepted ${clean.files.length}`;
  },
};

export const bundle: Target = {
  name: 'bundle',
  dictionary: [
    ...dictionary,
    'job.yaml',
    'expected.json',
    `uploads/${'0'.repeat(64)}.tar`,
    'name: x\n',
    '&a [*a]',
    '{"schema":"qibench.bundle/1"}',
  ],
  repair: writeChecksums,
  async run(input) {
    try {
      const { uploads } = await readBundle('x.tar', Readable.from([input]));
      return `accepted ${uploads.size}`;
    } catch (error) {
      if (!(error instanceof QibenchError)) throw error;
      check(error.code === 'BAD_BUNDLE', `the error is ${error.code}`);
      return nameOf(error.message);
    }
  },
};

const inPieces = (input: Buffer, pieceBytes: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(input.length / pieceBytes) }, (_, n) =>
      input.subarray(n * pieceBytes, (n + 1) * pieceBytes),
    ),
  );

/**
 * Files copied out of containers: a library, and an installed QEMU. Any error in such a tar fails
 * the step.
 */
export const containerTar: Target = {
  name: 'container-tar',
  dictionary: [
    ...dictionary,
    'libtrace-instrument.so',
    'qemu/bin/qemu-system-x86_64',
    'qemu/',
    '0004755\0',
    '0120777\0',
  ],
  repair: writeChecksums,
  async run(input) {
    const failed = (error: unknown): string => {
      check(error instanceof Error, 'the thrown value is an error');
      return nameOf(error.message);
    };
    const library = await fileFromTar(inPieces(input, 700), 'libtrace-instrument.so', 4_096).then(
      (file) => (file === null ? 'none' : `${Math.min(file.content.length, 4_097) >> 10}`),
      failed,
    );
    const installed = installedFiles(inPieces(input, 700), 'qemu/bin/qemu-system-x86_64');
    let packed;
    try {
      packed = await readStream(installed.tar, 'x', 1024 * 1024);
    } catch (error) {
      return `${library}, ${failed(error)}`;
    }
    const again = installedFiles(
      inPieces(packed, packed.length + 1),
      'qemu/bin/qemu-system-x86_64',
    );
    check(
      packed.equals(await readStream(again.tar, 'x', 1024 * 1024)) &&
        again.binaryDigest() === installed.binaryDigest(),
      'a repacked tar reads back as the same tar',
    );
    return `${library}, ${packed.length >> 10}`;
  },
};
