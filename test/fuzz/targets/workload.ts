// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { checkedChunk } from '#api/workload.js';
import { QibenchError } from '#contract/error.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { WORKLOAD_LIMITS, WorkloadManifest } from '#contract/workload-upload.js';
import { brokenManifest } from '#domain/workload-manifest.js';
import { check, nameOf, type Target } from '../target.js';

const CHUNK = `sha256:${'0'.repeat(64)}`;
const REST = `sha256:${'1'.repeat(64)}`;
const KNOWN = new Map([
  [CHUNK, { sizeBytes: WORKLOAD_LIMITS.chunkBytes, packedBytes: 5_000 }],
  [REST, { sizeBytes: 100, packedBytes: 100 }],
]);

/** Reads a text as YAML or JSON; undefined if it is neither. */
function read(input: Buffer): unknown {
  try {
    return parse(input.toString('utf8'), { logLevel: 'error' });
  } catch {
    return undefined;
  }
}

export const workloadFile: Target = {
  name: 'workload-file',
  dictionary: [
    'schema: qibench.workload/1\n',
    'name: a\n',
    'summary: b\n',
    'targets: [x86_64-softmmu]\n',
    'run: { arguments: ["{a}"], exitStatus: 0, timeoutSeconds: 1 }\n',
    'region: { begin: aaaa, end: bbbb }',
    'parameters: { a: { description: a, type: integer, unit: a, default: 1, minimum: 1, maximum: 2, stage: run } }\n',
    'size: { parameter: a, empty: 1 }\n',
    'metrics: []\n',
    '"\\0"',
    '"\\ud800"',
    '__proto__: 1\n',
    '&a [*a]',
    '.inf',
    '9007199254740993',
  ],
  run(input) {
    const result = WorkloadDefinition.safeParse(read(input));
    if (!result.success)
      return nameOf(
        result.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).join(),
      );
    const text = JSON.stringify(result.data);
    check(!/\\u0000|\\ud[89a-f]/i.test(text), 'an accepted file can be stored');
    check(
      JSON.stringify(WorkloadDefinition.parse(JSON.parse(text))) === text,
      'an accepted file is accepted again from its plan, unchanged',
    );
    return `accepted ${Object.keys(result.data.parameters).length}`;
  },
};

export const workloadManifest: Target = {
  name: 'workload-manifest',
  dictionary: [
    '{"files":[',
    '{"path":"workload.yaml","sizeBytes":100}',
    '{"path":"disk","sizeBytes":1048576}',
    '{"path":"../a","sizeBytes":0}',
    '"sizeBytes":9007199254740991',
    '"sizeBytes":-1',
    '],"chunks":[',
    `"${CHUNK}"`,
    `"${REST}"`,
    ']}',
    ',',
    'Makefile',
    'Dockerfile',
    '\\u0000',
  ],
  run(input) {
    const result = WorkloadManifest.safeParse(read(input));
    if (!result.success) return 'not a list';
    const broken = brokenManifest(result.data, KNOWN);
    if (broken !== null) return nameOf(broken);
    const { files, chunks } = result.data;
    const bytes = chunks.reduce((sum, digest) => sum + KNOWN.get(digest)!.sizeBytes, 0);
    check(
      bytes === files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      'the chunks of an accepted list are its files',
    );
    check(
      files.every(({ path }) => /^[\w.-]+(?:\/[\w.-]+)*$/.test(path) && !/(^|\/)\./.test(path)),
      'names are plain and relative',
    );
    return `accepted ${Math.min(files.length, 4)}`;
  },
};

export const workloadChunk: Target = {
  name: 'workload-chunk',
  dictionary: [gzipSync('a'), gzipSync(Buffer.alloc(100_000)), Buffer.from([0x1f, 0x8b, 8, 0])],
  async run(input) {
    try {
      const { digest, sizeBytes, bytes } = await checkedChunk(input);
      check(sizeBytes > 0 && sizeBytes <= WORKLOAD_LIMITS.chunkBytes, 'a chunk has a size');
      check(
        digest === `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
        'its name is the digest of its bytes',
      );
      return `accepted ${Math.ceil(Math.log2(sizeBytes))}`;
    } catch (error) {
      if (!(error instanceof QibenchError)) throw error;
      check(error.code === 'BAD_CHUNK', `the error is ${error.code}`);
      return nameOf(error.message);
    }
  },
};
