// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import { OpenRequests } from './open-requests.js';

/** Unfinished bulk responses of a project and a kind, and the requests that wait for them. */
const LIMITS = { open: 2, waiting: 32 };
/** Characters that are serialised in one turn of the event loop, and one item more. */
const CHARACTERS_PER_TURN = 64 * 1024;

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly bulk?: BulkKind;
  }
}

/**
 * Kinds of bulk responses. Each waits for its own kind alone, as a download may take minutes. An
 * overview reads the jobs of all projects.
 */
type BulkKind = 'list' | 'history' | 'trace' | 'download' | 'overview';

/**
 * Returns the config of a route whose response may be large, or reads much: a project, or else a
 * token, has few of a kind at once. Downloads count by token, since they depend on its network.
 */
export const bulk = (kind: BulkKind): { readonly bulk: BulkKind } => ({ bulk: kind });

/** Limits the unfinished responses of routes with a config of `bulk`. */
export function limitBulk(server: FastifyInstance): void {
  const requests = new OpenRequests({
    ...LIMITS,
    caller: ({ access: { project, account }, routeOptions }) => {
      const kind = routeOptions.config.bulk;
      const caller = kind === 'download' ? account : (project ?? account);
      return caller === null || kind === undefined ? null : `${kind} ${caller}`;
    },
    refused: (_, limit) =>
      new QibenchError('UNAVAILABLE', {
        what: 'this result',
        reason: `${limit} results of this kind are being read, and ${LIMITS.waiting} requests wait`,
      }),
  });
  server.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.config.bulk !== undefined) await requests.enter(request, reply);
  });
}

/**
 * Sends a JSON object with a list that may be too long to serialise in one turn of the event loop.
 *
 * @param rest Further fields of the object.
 */
export function sendList(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  pages: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
  rest: Readonly<Record<string, unknown>> = {},
): never {
  const text = Readable.from(listText(name, pages, rest));
  request.raw.once('close', () => text.destroy());
  // The text takes the place of the object that the route's schema describes.
  return reply.type('application/json; charset=utf-8').send(text) as never;
}

/** Yields the JSON text of an object with a list, piece by piece. */
export async function* listText(
  name: string,
  pages: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
  rest: Readonly<Record<string, unknown>>,
): AsyncGenerator<string> {
  const fields = JSON.stringify(rest).slice(1, -1);
  let text = `{${fields}${fields === '' ? '' : ','}${JSON.stringify(name)}:[`;
  let separator = '';
  for await (const page of pages)
    for (const item of page) {
      text += separator + JSON.stringify(item);
      separator = ',';
      if (text.length < CHARACTERS_PER_TURN) continue;
      yield text;
      text = '';
      await nextTurn();
    }
  yield `${text}]}`;
}
