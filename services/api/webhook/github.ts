import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { z } from 'zod';
import { takes, type FolderFile } from '../../client/folder.js';
import { QibenchError } from '../../contract/error.js';
import { UPLOAD_LIMITS } from '../../contract/upload.js';
import { Pull } from './ask.js';
import type { WebhookSettings } from './settings.js';

const ANSWER_LIMIT_MS = 60_000;
const JOB_FILE_LIMIT_BYTES = 256 * 1024;
/** Of a whole repository, unpacked: what is not asked for is read past. */
const TARBALL_LIMIT_BYTES = 512 * 1024 * 1024;

/** As much of GitHub's REST API as the receiver uses, for one repository. Errors: UNAVAILABLE. */
export class RepositoryAt {
  constructor(
    private readonly settings: Pick<WebhookSettings, 'githubApiUrl' | 'githubToken'>,
    private readonly repository: string,
  ) {}

  async pull(number: number): Promise<Pull> {
    return Pull.parse(await (await this.#ask('GET', `pulls/${number}`)).json());
  }

  async mergeBase(base: string, head: string): Promise<string> {
    const answer = z.object({ merge_base_commit: z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) }) });
    return answer.parse(await (await this.#ask('GET', `compare/${base}...${head}?per_page=1`)).json()).merge_base_commit.sha;
  }

  /** Text of a file at a commit; null if there is none. */
  async file(commit: string, path: string): Promise<string | null> {
    const response = await this.#ask('GET', `contents/${path.split('/').map(encodeURIComponent).join('/')}?ref=${commit}`, undefined, 'application/vnd.github.raw+json').catch((error: unknown) => {
      if (error instanceof GitHubRefusal && error.status === 404) return null;
      throw error;
    });
    if (response === null) return null;
    return (await bounded(response.body!, JOB_FILE_LIMIT_BYTES, path)).toString('utf8');
  }

  /** Folders at a commit, by the field that names each: what lies in them, as uploads take it. Links are read past. */
  async folders(commit: string, wanted: ReadonlyMap<string, string>): Promise<Map<string, FolderFile[]>> {
    const found = new Map<string, FolderFile[]>([...wanted.keys()].map((field) => [field, []]));
    const response = await this.#ask('GET', `tarball/${commit}`);
    const source = Readable.from(counted(Readable.fromWeb(response.body as never).pipe(createGunzip())));
    const extract = tar.extract();
    source.on('error', (error) => extract.destroy(error)).pipe(extract);
    let bytes = 0;
    for await (const entry of extract) {
      const path = entry.header.name.split('/').slice(1).join('/'); // below the folder that GitHub puts around
      const fields = entry.header.type === 'file' ? [...wanted].filter(([field, folder]) => path.startsWith(`${folder}/`) && takes(field, path.slice(folder.length + 1))) : [];
      if (fields.length === 0) {
        entry.resume();
        continue;
      }
      const content = await bounded(entry as AsyncIterable<Buffer>, UPLOAD_LIMITS.unpackedBytes - bytes, path);
      bytes += content.length;
      for (const [field, folder] of fields) {
        found.get(field)!.push({ path: path.slice(folder.length + 1), content });
        if (found.get(field)!.length > UPLOAD_LIMITS.files) throw new QibenchError('BAD_ARCHIVE', { reason: `more than ${UPLOAD_LIMITS.files} files in ${folder}` });
      }
    }
    return found;
  }

  async comment(number: number, body: string): Promise<number> {
    return z.object({ id: z.number().int() }).parse(await (await this.#ask('POST', `issues/${number}/comments`, { body })).json()).id;
  }

  async changeComment(id: number, body: string): Promise<void> {
    await this.#ask('PATCH', `issues/comments/${id}`, { body });
  }

  async #ask(method: string, path: string, body?: unknown, accept = 'application/vnd.github+json'): Promise<Response> {
    const headers = { authorization: `Bearer ${this.settings.githubToken}`, accept, 'user-agent': 'qibench', 'x-github-api-version': '2022-11-28' };
    const url = `${this.settings.githubApiUrl}/repos/${this.repository}/${path}`;
    // A redirect to another host loses the token: fetch takes care of that.
    const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(ANSWER_LIMIT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch((error: unknown) => {
      throw new QibenchError('UNAVAILABLE', { what: 'GitHub', reason: String(error) }, { cause: error });
    });
    if (!response.ok) throw new GitHubRefusal(path, response.status);
    return response;
  }
}

class GitHubRefusal extends QibenchError {
  constructor(path: string, readonly status: number) {
    super('UNAVAILABLE', { what: 'GitHub', reason: `${path} answered ${status}` });
  }
}

async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > TARBALL_LIMIT_BYTES) throw new QibenchError('TOO_LARGE', { what: 'the repository', limitBytes: TARBALL_LIMIT_BYTES });
    yield chunk;
  }
}

async function bounded(chunks: AsyncIterable<Uint8Array>, limitBytes: number, what: string): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new QibenchError('TOO_LARGE', { what, limitBytes });
    all.push(chunk);
  }
  return Buffer.concat(all);
}
