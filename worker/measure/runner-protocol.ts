// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { RunResult } from '#contract/sample.js';
import { parseRunnerResult } from './output/runner-result.js';

/** One run of one program in a runner's container. */
export interface RunnerRequest {
  /** Argument vector; a name without a slash is searched in the PATH of the image. */
  readonly command: readonly string[];
  /** The complete environment of the program, in this order. */
  readonly environment: Readonly<Record<string, string>>;
  /** Text on standard input, at most 64 KiB; the empty text: /dev/null. */
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Bytes of output to store: half from its beginning, half from its end. */
  readonly outputLimitBytes: number;
  /** The CPU to run on; null: all CPUs of the container. */
  readonly cpu: number | null;
  /** Soft stack limit, which moves the program's mappings; null: the container's limit. */
  readonly stackBytes: number | null;
  /** SCHED_FIFO priority, 1 to the container's `realTimePriority`; null: the default scheduling. */
  readonly fifoPriority: number | null;
  /** Texts in the output that begin and end the region of interest; absent: it has none. */
  readonly region?: { readonly begin: string; readonly end: string } | undefined;
  /** Programs that run before and after the measured window; absent: none. */
  readonly recorder?: Recorder | undefined;
}

/**
 * Argument vectors of the programs that start a recorder and that read what it recorded. Processes
 * that the first starts go on beside the measured program. Their output belongs to its output.
 */
export interface Recorder {
  /** Empty: none. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Result and output of a program. */
export interface RunnerAnswer {
  readonly result: RunResult;
  /** Output on stdout and stderr, within the limit. */
  readonly output: string;
}

/** The runner's limit for arguments, environment and marks of a program together. */
const MAX_STRINGS_BYTES = 1024 * 1024;
/** Limit for a result's line: more than a host with a thousand CPUs needs. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Encodes a request for the runner: a line of numbers, directly followed by arguments, environment,
 * the marks of a region and the arguments of a recorder's programs, each ended by NUL, and by the
 * text of standard input.
 *
 * @throws {INTERNAL} A string has a NUL, or the strings are too long.
 * @see dockerfiles/runner/qibench-run.c
 */
export function encodeRequest(request: RunnerRequest): Buffer {
  const environment = Object.entries(request.environment).map(
    ([name, value]) => `${name}=${value}`,
  );
  const marks = request.region === undefined ? [] : [request.region.begin, request.region.end];
  const { before = [], after = [] } = request.recorder ?? {};
  const words = [...request.command, ...environment, ...marks, ...before, ...after];
  const stdin = Buffer.from(request.stdin ?? '');
  const strings = Buffer.from(words.map((word) => `${word}\0`).join(''));
  if (words.some((word) => word.includes('\0')) || strings.length > MAX_STRINGS_BYTES)
    throw new QibenchError('INTERNAL', {
      reason: 'the arguments of a run are too long or have a NUL in them',
    });
  const numbers = [
    request.timeoutMs,
    request.outputLimitBytes,
    request.cpu ?? '-',
    request.stackBytes ?? 0,
    request.fifoPriority ?? 0,
    request.command.length,
    environment.length,
    marks.length,
    before.length,
    after.length,
    strings.length,
    stdin.length,
  ];
  return Buffer.concat([Buffer.from(`run ${numbers.join(' ')}\n`), strings, stdin]);
}

/**
 * Creates a parser of the runner's stdout: repeatedly, a line of JSON and the announced bytes of
 * output. The parser accepts chunks of any size.
 *
 * @throws {INTERNAL} A line is not a result.
 */
export function answerReader(onAnswer: (answer: RunnerAnswer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let result: RunResult | null = null;

  const take = (bytes: Buffer) => {
    parts.push(Buffer.from(bytes));
    partsBytes += bytes.length;
  };
  const taken = () => {
    const text = Buffer.concat(parts).toString('utf8');
    [parts, partsBytes] = [[], 0];
    return text;
  };
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (result === null) {
        const newline = rest.indexOf(0x0a);
        take(rest.subarray(0, newline === -1 ? rest.length : newline));
        if (newline === -1 && partsBytes <= MAX_LINE_BYTES) return;
        rest = rest.subarray(newline === -1 ? rest.length : newline + 1);
        result = parseRunnerResult(taken());
      } else {
        const missing = result.forwardedBytes - partsBytes;
        take(rest.subarray(0, missing));
        rest = rest.subarray(missing);
      }
      if (partsBytes === result.forwardedBytes) {
        const answer = { result, output: taken() };
        result = null;
        onAnswer(answer);
      }
    }
  };
}
