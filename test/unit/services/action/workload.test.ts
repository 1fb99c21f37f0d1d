// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Git } from '#action/git.js';
import { readPack, sendPackedWorkload, writePack } from '#action/pack.js';
import { sourceAt } from '#action/source.js';
import { WORKLOAD_LIMITS } from '#contract/workload-upload.js';
import { actionSettings } from '#support/action/forked-repository.js';
import { TestRepository } from '#support/action/repository.js';
import { definitionText } from '#support/guest-folder.js';
import { memoryService } from '#support/memory-service.js';

const { chunkBytes } = WORKLOAD_LIMITS;
const FIELD = 'workloads.0.from';
const JOB = `name: j
qemu: { version: "7.2", target: x86_64-softmmu }
variants: [none]
workloads: [{ from: guest }]
`;

let repository: TestRepository;
let head: string;
let folder: string;
const disk = randomBytes(chunkBytes + 10);
beforeAll(() => {
  repository = new TestRepository();
  repository.write('.qibench.yaml', JOB).write('guest/workload.yaml', definitionText('own'));
  writeFileSync(join(repository.workspace, 'guest/disk'), disk);
  head = repository.commit('a guest');
});
afterAll(() => repository.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qibench-pack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = async () => {
  const source = await sourceAt(new Git(repository.workspace), head, actionSettings(), null);
  return writePack(folder, source, '.qibench.yaml');
};

test("a commit's guest is read in pieces", async () => {
  const files = (await new Git(repository.workspace).workload(head, 'guest', FIELD))!;
  const contents = new Map<string, Buffer>();
  for (const { path, content } of files) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content()) pieces.push(piece);
    contents.set(path, Buffer.concat(pieces));
  }

  expect([...contents.keys()]).toEqual(['disk', 'workload.yaml']);
  expect(contents.get('disk')!.equals(disk)).toBe(true);
  expect(await new Git(repository.workspace).workload(head, 'nowhere', FIELD)).toBeNull();
});

test('a pack carries a guest to a service', async () => {
  const pack = await write();
  const service = memoryService();

  expect(pack.uploads[FIELD]).toMatch(/^[0-9a-f]{64}\.json$/);
  await sendPackedWorkload(service, folder, await readPack(folder, head), FIELD);

  const [{ files, chunks }] = service.manifests as [(typeof service.manifests)[number]];
  expect(files.map(({ path }) => path)).toEqual(['disk', 'workload.yaml']);
  const bytes = chunks.slice(0, 2).map((digest) => service.chunks.get(digest)!);
  expect(Buffer.concat(bytes).equals(disk)).toBe(true);
});

test.each<[string, (names: { manifest: string; chunk: string }) => void]>([
  [
    'a piece with other bytes',
    ({ chunk }) => writeFileSync(join(folder, chunk), gzipSync('other')),
  ],
  ['a piece that is missing', ({ chunk }) => rmSync(join(folder, chunk))],
  [
    'a piece that is too large',
    ({ chunk }) => writeFileSync(join(folder, chunk), Buffer.alloc(chunkBytes + 2000)),
  ],
  [
    'a list with other files',
    ({ manifest }) => writeFileSync(join(folder, manifest), '{"files":[],"chunks":[]}'),
  ],
])('a pack with %s is refused', async (_, damage) => {
  const { uploads } = await write();
  const chunk = readdirSync(folder).find((name) => name.endsWith('.gz'))!;
  damage({ manifest: uploads[FIELD]!, chunk });

  await expect(
    sendPackedWorkload(memoryService(), folder, await readPack(folder, head), FIELD),
  ).rejects.toMatchObject({ code: 'BAD_PACK' });
});

test('a list of a pack cannot name files outside of it', async () => {
  const { uploads } = await write();
  const index = JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8')) as {
    uploads: Record<string, string>;
  };
  writeFileSync(
    join(folder, 'pack.json'),
    JSON.stringify({ ...index, uploads: { [FIELD]: `../${uploads[FIELD]}` } }),
  );

  await expect(readPack(folder, head)).rejects.toMatchObject({ code: 'BAD_PACK' });
});
