// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { openGitHub, type GitHub } from '#action/github/client.js';

/** A received request. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly atMs: number;
}

/** An answer that replaces the usual one, once. */
export interface Fault {
  readonly on: RegExp;
  /** 0 breaks the connection. */
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Awaited before the answer. */
  readonly held?: Promise<void>;
  /** Performs the request before this answer. */
  readonly done?: boolean;
}

/**
 * Faults in the form of GitHub's answers. Source: docs.github.com, "Rate limits for the REST API"
 * and "Troubleshooting the REST API".
 */
export const FAULTS = {
  forbidden: {
    status: 403,
    body: {
      message: 'Resource not accessible by integration',
      documentation_url: 'https://docs.github.com/rest',
      status: '403',
    },
  },
  secondaryLimit: {
    status: 403,
    headers: { 'retry-after': '1' },
    body: {
      message:
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url:
        'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    },
  },
  primaryLimit: (nowMs: number) => ({
    status: 403,
    headers: {
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(nowMs / 1000) + 1),
    },
    body: { message: 'API rate limit exceeded for installation ID 1.' },
  }),
  serverError: { status: 502, body: { message: 'Server Error' } },
} as const;

interface StoredComment {
  id: number;
  body: string;
  user: { login: string; type: string };
  author_association: string;
}

const TEXT_LIMITS = { comment: 65_536, check: 65_535, annotations: 50 };

/** The part of GitHub's REST API that the Action uses, with its limits. */
export class FakeGitHub {
  readonly asked: Asked[] = [];
  readonly faults: Fault[] = [];
  readonly comments = new Map<number, StoredComment[]>();
  readonly checks = new Map<number, Record<string, unknown> & { annotations: unknown[] }>();
  /** Permission by login; a user without one is unknown. */
  readonly permissions = new Map([
    ['maintainer', 'write'],
    ['triager', 'read'],
  ]);
  readonly pulls = new Map<number, unknown>();
  readonly events = new Map<number, unknown[]>();
  /** Files by commit, for contents and tarballs. */
  readonly trees = new Map<string, Record<string, string>>();
  mergeBase = '';
  /** Prefix of every path: "/api/v3" on GitHub Enterprise Server. Other paths are not found. */
  prefix = '';
  /** Signs the id-tokens of workflows. */
  signIdToken: (audience: string) => Promise<string> = (audience) =>
    Promise.resolve(`id-token-for-${audience}`);
  #next = 1000;
  readonly #news = new EventEmitter();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.prefix}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Resolves when a matching request arrives. */
  async seen(fits: (asked: Asked) => boolean): Promise<Asked> {
    for (;;) {
      const found = this.asked.find(fits);
      if (found !== undefined) return found;
      await once(this.#news, 'answered');
    }
  }

  /** Opens the Action's client of this server. */
  open(note: (text: string) => void): GitHub {
    return openGitHub({ token: 't', apiUrl: this.url, repository: 'owner/name', note });
  }

  /** Adds a fault whose answer waits until the returned function is called. */
  hold(on: RegExp, details: Partial<Fault> = {}): () => void {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    this.faults.push({ on, status: 201, body: { id: 1 }, ...details, held });
    return release;
  }

  /** Received requests by method and path. */
  received(method: string, path: RegExp): Asked[] {
    return this.asked.filter((request) => request.method === method && path.test(request.path));
  }

  addComment(
    pull: number,
    body: string,
    user = { login: 'someone', type: 'User' },
    association = 'NONE',
  ): StoredComment {
    const comment = { id: this.#next++, body, user, author_association: association };
    this.comments.set(pull, [...(this.comments.get(pull) ?? []), comment]);
    return comment;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const asked = {
      method: request.method!,
      path: request.url!.replace(this.prefix, ''),
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      atMs: performance.now(),
    };
    this.asked.push(asked);
    if (asked.path.startsWith('/id-token'))
      return void response.end(
        JSON.stringify({
          value: await this.signIdToken(
            new URL(asked.path, this.url).searchParams.get('audience')!,
          ),
        }),
      );
    if (!request.url!.startsWith(this.prefix)) return void response.writeHead(404).end('{}');
    const fault = this.faults.findIndex(({ on }) => on.test(`${asked.method} ${asked.path}`));
    const tree = /^\/repos\/owner\/name\/tarball\/([0-9a-f]+)$/.exec(asked.path)?.[1];
    if (tree !== undefined && fault < 0)
      return void response.end(await tarball(this.trees.get(tree)!));
    const planned = fault >= 0 ? this.faults.splice(fault, 1)[0]! : null;
    if (planned?.done === true) this.#usual(asked, request);
    if (planned !== null) this.#news.emit('answered');
    await planned?.held;
    const { status, body, headers } = planned ?? this.#usual(asked, request);
    if (status === 0) return void request.socket.destroy();
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-ratelimit-remaining': '4999',
      ...headers,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    this.#news.emit('answered');
  }

  #usual(
    { method, path, body }: Asked,
    request: IncomingMessage,
  ): { status: number; body: unknown; headers?: Record<string, string> } {
    const url = new URL(path, this.url);
    if (request.headers.authorization === undefined)
      return { status: 401, body: { message: 'Requires authentication' } };
    const found = (pattern: RegExp) => pattern.exec(url.pathname)?.slice(1).map(Number) ?? null;
    const [issue] = found(/^\/repos\/owner\/name\/issues\/(\d+)\/comments$/) ?? [];
    if (issue !== undefined) {
      if (method === 'GET') return this.#page(this.comments.get(issue) ?? [], url);
      return (
        tooLong(body.body, TEXT_LIMITS.comment) ?? {
          status: 201,
          body: this.addComment(issue, String(body.body), {
            login: 'github-actions[bot]',
            type: 'Bot',
          }),
        }
      );
    }
    const [id] = found(/^\/repos\/owner\/name\/issues\/comments\/(\d+)$/) ?? [];
    if (id !== undefined && method === 'PATCH') {
      const comment = [...this.comments.values()].flat().find((candidate) => candidate.id === id);
      if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
      const refused = tooLong(body.body, TEXT_LIMITS.comment);
      if (refused === null) comment.body = String(body.body);
      return refused ?? { status: 200, body: comment };
    }
    const [labelled] = found(/^\/repos\/owner\/name\/issues\/(\d+)\/events$/) ?? [];
    if (labelled !== undefined) return this.#page(this.events.get(labelled) ?? [], url);
    const [pull] = found(/^\/repos\/owner\/name\/pulls\/(\d+)$/) ?? [];
    if (pull !== undefined)
      return this.pulls.has(pull)
        ? { status: 200, body: this.pulls.get(pull) }
        : { status: 404, body: { message: 'Not Found' } };
    const [, login] =
      /^\/repos\/owner\/name\/collaborators\/([^/]+)\/permission$/.exec(url.pathname) ?? [];
    if (login !== undefined)
      return this.permissions.has(login)
        ? { status: 200, body: { permission: this.permissions.get(login) } }
        : { status: 404, body: { message: 'Not Found' } };
    if (url.pathname === '/repos/owner/name/pulls')
      return this.#page([...this.pulls.values()], url);
    if (url.pathname.startsWith('/repos/owner/name/compare/'))
      return { status: 200, body: { merge_base_commit: { sha: this.mergeBase } } };
    const [, content] = /^\/repos\/owner\/name\/contents\/(.+)$/.exec(url.pathname) ?? [];
    if (content !== undefined) {
      const text = this.trees.get(url.searchParams.get('ref')!)?.[content];
      return text === undefined
        ? { status: 404, body: { message: 'Not Found' } }
        : { status: 200, body: text };
    }
    return this.#checks(method, url, body);
  }

  #checks(
    method: string,
    url: URL,
    body: Record<string, unknown>,
  ): { status: number; body: unknown } {
    const output = (body.output ?? {}) as { summary?: string; annotations?: unknown[] };
    const refused = tooLong(output.summary, TEXT_LIMITS.check);
    if (refused !== null) return refused;
    if ((output.annotations?.length ?? 0) > TEXT_LIMITS.annotations)
      return {
        status: 422,
        body: { message: 'Invalid request.\n\nNo more than 50 items are allowed.' },
      };
    if (url.pathname === '/repos/owner/name/check-runs' && method === 'POST') {
      const id = this.#next++;
      this.checks.set(id, { id, annotations: [], ...body });
      return { status: 201, body: { id } };
    }
    const id = Number(/^\/repos\/owner\/name\/check-runs\/(\d+)$/.exec(url.pathname)?.[1] ?? NaN);
    const check = this.checks.get(id);
    if (check === undefined || method !== 'PATCH')
      return { status: 404, body: { message: 'Not Found' } };
    Object.assign(check, body, {
      annotations: [...check.annotations, ...(output.annotations ?? [])],
    });
    return { status: 200, body: { id } };
  }

  #page(
    all: readonly unknown[],
    url: URL,
  ): { status: number; body: unknown; headers: Record<string, string> } {
    const size = Number(url.searchParams.get('per_page') ?? 30);
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(this.prefix + url.pathname + url.search, url);
    next.searchParams.set('page', String(page + 1));
    return {
      status: 200,
      body: all.slice((page - 1) * size, page * size),
      headers: page * size < all.length ? { link: `<${next.href}>; rel="next"` } : {},
    };
  }
}

/** Packs a tarball like GitHub: all files below one top folder. */
async function tarball(files: Record<string, string>): Promise<Buffer> {
  const pack = tar.pack();
  for (const [path, content] of Object.entries(files)) {
    if (content.startsWith('-> '))
      pack.entry({
        name: `owner-name-1234567/${path}`,
        type: 'symlink',
        linkname: content.slice(3),
      });
    else pack.entry({ name: `owner-name-1234567/${path}` }, content);
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

function tooLong(text: unknown, limit: number): { status: number; body: unknown } | null {
  return typeof text !== 'string' || text.length <= limit
    ? null
    : {
        status: 422,
        body: { message: `Validation Failed: body is too long (maximum is ${limit} characters)` },
      };
}
