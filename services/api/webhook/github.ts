// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import type { FolderFile } from '#client/folder.js';
import { QibenchError } from '#contract/error.js';
import { bounded, foldersIn } from './archive.js';
import { Pull } from './trigger.js';
import { brokeOff, GitHubError } from './github-error.js';
import type { WebhookSettings } from './settings.js';

const ANSWER_LIMIT_MS = 60_000;
const JOB_FILE_LIMIT_BYTES = 256 * 1024;
/** Authors whose comments may be ours, besides bots: any user can write the marker. */
const OURS = ['OWNER', 'MEMBER', 'COLLABORATOR'];
const CommitSha = z.string().regex(/^[0-9a-f]{40,64}$/);
const Comments = z.array(
  z.object({
    id: z.number().int(),
    body: z.string().nullable(),
    user: z.object({ type: z.string() }).nullable(),
    author_association: z.string(),
  }),
);
const PAGE = 100;

/**
 * Client for the part of GitHub's REST API that the receiver uses, for one repository.
 * @throws {UNAVAILABLE} A retry may succeed.
 * @throws {GITHUB_REFUSED} GitHub rejects a request.
 */
export class RepositoryAt {
  constructor(
    private readonly settings: Pick<WebhookSettings, 'githubApiUrl' | 'githubToken'>,
    private readonly repository: string,
    private readonly signal: AbortSignal,
  ) {}

  pull(number: number): Promise<Pull> {
    return this.#json(Pull, 'GET', `pulls/${number}`);
  }

  async mergeBase(base: string, head: string): Promise<string> {
    return (
      await this.#json(
        z.object({ merge_base_commit: z.object({ sha: CommitSha }) }),
        'GET',
        `compare/${base}...${head}?per_page=1`,
      )
    ).merge_base_commit.sha;
  }

  /** Returns whether a user may push to the repository. */
  async mayWrite(login: string): Promise<boolean> {
    const { permission } = await this.#json(
      z.object({ permission: z.string() }),
      'GET',
      `collaborators/${encodeURIComponent(login)}/permission`,
    ).catch((error: unknown) => {
      if (error instanceof GitHubError && error.status === 404) return { permission: 'none' };
      throw error;
    });
    return permission === 'admin' || permission === 'write';
  }

  /** Returns the text of a file at a commit; null if the commit does not have it. */
  async file(commit: string, path: string): Promise<string | null> {
    const response = await this.#ask(
      'GET',
      `contents/${path.split('/').map(encodeURIComponent).join('/')}?ref=${commit}`,
      undefined,
      'application/vnd.github.raw+json',
    ).catch((error: unknown) => {
      if (error instanceof GitHubError && error.status === 404) return null;
      throw error;
    });
    if (response === null) return null;
    return (await bounded(response.body!, JOB_FILE_LIMIT_BYTES, path).catch(brokeOff)).toString(
      'utf8',
    );
  }

  /** Returns the files of folders at a commit, by the job file's field that names each folder. */
  async folders(
    commit: string,
    wanted: ReadonlyMap<string, string>,
  ): Promise<Map<string, FolderFile[]>> {
    const response = await this.#ask('GET', `tarball/${commit}`);
    return foldersIn(response.body!, wanted).catch(brokeOff);
  }

  /** Returns the id of our comment that begins with a marker; null if none does. */
  async marked(number: number, marker: string): Promise<number | null> {
    for (let page = 1; ; page++) {
      const comments = await this.#json(
        Comments,
        'GET',
        `issues/${number}/comments?per_page=${PAGE}&page=${page}`,
      );
      const found = comments.find(
        ({ body, user, author_association: author }) =>
          body?.startsWith(marker) === true && (user?.type === 'Bot' || OURS.includes(author)),
      );
      if (found !== undefined || comments.length < PAGE) return found?.id ?? null;
    }
  }

  async comment(number: number, body: string): Promise<number> {
    return (
      await this.#json(z.object({ id: z.number().int() }), 'POST', `issues/${number}/comments`, {
        body,
      })
    ).id;
  }

  async changeComment(id: number, body: string): Promise<void> {
    await this.#ask('PATCH', `issues/comments/${id}`, { body });
  }

  async #json<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.infer<T>> {
    const response = await this.#ask(method, path, body);
    return schema.parse(await response.json().catch(brokeOff));
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
    accept = 'application/vnd.github+json',
  ): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.settings.githubToken}`,
      accept,
      'user-agent': 'qibench',
      'x-github-api-version': '2022-11-28',
    };
    const url = `${this.settings.githubApiUrl}/repos/${this.repository}/${path}`;
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    // On a redirect to another host, fetch drops the token.
    const response = await fetch(url, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      const cause =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message || error.cause.name
          : String(error);
      throw new QibenchError('UNAVAILABLE', { what: 'GitHub', reason: cause }, { cause: error });
    });
    if (!response.ok)
      throw await GitHubError.fromResponse(`${method} ${path}`, response, Date.now());
    return response;
  }
}
