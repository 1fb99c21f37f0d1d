// SPDX-License-Identifier: GPL-2.0-or-later
/** Thread that reads one hostile file and sends what it found; an error ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { compactProfile } from '#domain/profile/compact.js';
import { functionCodes, tracePointCodes } from '#domain/profile/trace-point-code.js';
import { blockNames } from './block-map.js';
import { parseCallgrind } from './callgrind-file.js';
import { parseObjdump } from './objdump.js';

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

const READINGS = {
  /** A file of callgrind, and QEMU's map of translated code. */
  profile: ({ file, map }: { file: Uint8Array; map: Uint8Array }) =>
    compactProfile(parseCallgrind(latin1(file), blockNames(latin1(map)))),
  /** A disassembly, with the events whose trace points it has. */
  code: ({ listing, events }: { listing: string; events: readonly string[] }) => {
    const functions = parseObjdump(listing);
    return { functions: functionCodes(functions), points: tracePointCodes(functions, events) };
  },
};
export type Readings = typeof READINGS;

const { reading, inputs } = workerData as { reading: keyof Readings; inputs: never };
parentPort!.postMessage(READINGS[reading](inputs));
