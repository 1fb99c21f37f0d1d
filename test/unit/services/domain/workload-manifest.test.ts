// SPDX-License-Identifier: GPL-2.0-or-later
import { WORKLOAD_LIMITS } from '#contract/workload-upload.js';
import { brokenManifest, firstChunk, methodOf, type ChunkSize } from '#domain/workload-manifest.js';

const { chunkBytes } = WORKLOAD_LIMITS;
const [FULL, REST, DEFINITION] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`) as [
  string,
  string,
  string,
];
const KNOWN = new Map<string, ChunkSize>([
  [FULL, { sizeBytes: chunkBytes, packedBytes: 1000 }],
  [REST, { sizeBytes: 5, packedBytes: 20 }],
  [DEFINITION, { sizeBytes: 100, packedBytes: 90 }],
]);
const definition = { path: 'workload.yaml', sizeBytes: 100 };
const disk = { path: 'disk', sizeBytes: 2 * chunkBytes + 5 };

const broken = (files: { path: string; sizeBytes: number }[], chunks: string[], known = KNOWN) =>
  brokenManifest({ files, chunks }, known);

test('a workload with the chunks of its files is accepted; an empty file has none', () => {
  expect(
    broken([definition, { path: 'empty', sizeBytes: 0 }, disk], [DEFINITION, FULL, FULL, REST]),
  ).toBeNull();
});

test.each<[string, { path: string; sizeBytes: number }[], string[], string]>([
  ['without a definition', [disk], [FULL, FULL, REST], 'it has no workload.yaml at its top level'],
  [
    'with its definition in a folder',
    [{ ...definition, path: 'a/workload.yaml' }],
    [DEFINITION],
    'it has no workload.yaml at its top level',
  ],
  [
    'with a large definition',
    [{ ...definition, sizeBytes: 16_385 }],
    [FULL],
    'workload.yaml has more than 16384 bytes',
  ],
  [
    'with a path that leaves it',
    [definition, { path: '../etc/passwd', sizeBytes: 5 }],
    [DEFINITION, REST],
    '"../etc/passwd" is not a plain relative name (letters, digits, _ . -)',
  ],
  [
    'with an absolute path',
    [definition, { path: '/etc/passwd', sizeBytes: 5 }],
    [DEFINITION, REST],
    '"/etc/passwd" is not a plain relative name (letters, digits, _ . -)',
  ],
  [
    'with a NUL in a name',
    [definition, { path: 'a\0b', sizeBytes: 5 }],
    [DEFINITION, REST],
    '"a\\u0000b" is not a plain relative name (letters, digits, _ . -)',
  ],
  [
    'with names that differ in case only',
    [definition, { path: 'Disk', sizeBytes: 5 }, { path: 'disk', sizeBytes: 5 }],
    [DEFINITION, REST, REST],
    '"disk" occurs twice',
  ],
  [
    'with a file that is a folder, too',
    [definition, { path: 'a', sizeBytes: 5 }, { path: 'a/b', sizeBytes: 5 }],
    [DEFINITION, REST, REST],
    '"a" is a file and a folder',
  ],
  [
    'with deep folders',
    [definition, { path: 'a/b/c/d/e/f/g/h/i', sizeBytes: 5 }],
    [DEFINITION, REST],
    '"a/b/c/d/e/f/g/h/i" is more than 8 folders deep',
  ],
  [
    'with two ways to make its files',
    [definition, { path: 'Makefile', sizeBytes: 5 }, { path: 'Dockerfile', sizeBytes: 5 }],
    [DEFINITION, REST, REST],
    'it has a Makefile and a Dockerfile; only one of them can make its files',
  ],
  [
    'with a chunk that was not sent',
    [definition],
    [`sha256:${'9'.repeat(64)}`],
    `its chunk sha256:${'9'.repeat(64)} was not sent`,
  ],
  [
    'with a short chunk in the middle of a file',
    [definition, disk],
    [DEFINITION, FULL, REST, FULL],
    'the chunks of "disk" do not add up to 2097157 bytes',
  ],
  [
    'with short chunks alone',
    [definition, disk],
    [DEFINITION, REST, REST, REST],
    'the chunks of "disk" do not add up to 2097157 bytes',
  ],
  [
    'with too few chunks',
    [definition, disk],
    [DEFINITION, FULL, FULL],
    'the chunks of "disk" do not add up to 2097157 bytes',
  ],
  ['with too many chunks', [definition], [DEFINITION, FULL], 'it has more chunks than its files'],
  [
    'that unpacks to more than its limit',
    [definition, { path: 'disk', sizeBytes: 2 * 1024 ** 3 }],
    [DEFINITION],
    `${2 * 1024 ** 3 + 100} bytes unpacked; at most ${2 * 1024 ** 3} are accepted`,
  ],
])('a workload %s is refused with the rule', (_, files, chunks, rule) => {
  expect(broken(files, chunks)).toBe(rule);
});

test('the compressed limit counts a repeated chunk once', () => {
  const large = (packedBytes: number) =>
    new Map([...KNOWN, [FULL, { sizeBytes: chunkBytes, packedBytes }]]);
  const files = [definition, { path: 'disk', sizeBytes: 4 * chunkBytes }];
  const chunks = [DEFINITION, FULL, FULL, FULL, FULL];

  expect(broken(files, chunks, large(WORKLOAD_LIMITS.packedBytes / 2))).toBeNull();
  expect(broken(files, chunks, large(WORKLOAD_LIMITS.packedBytes))).toContain('compressed');
});

test('the files tell how they become the guest', () => {
  const files = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1 }));

  expect(methodOf(files('workload.yaml', 'kernel'))).toBe('files');
  expect(methodOf(files('workload.yaml', 'src/Makefile'))).toBe('files');
  expect(methodOf(files('workload.yaml', 'Makefile'))).toBe('make');
  expect(methodOf(files('workload.yaml', 'Dockerfile'))).toBe('image');
});

test('the position of a file is the number of chunks before it', () => {
  const files = [definition, { path: 'empty', sizeBytes: 0 }, disk, definition];

  expect(files.map((_, index) => firstChunk(files, index))).toEqual([0, 1, 1, 4]);
});
