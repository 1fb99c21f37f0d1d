// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import type { Engine } from './engine.js';
import { call } from './docker-call.js';
import { dockerError, ignoreGone } from './docker-errors.js';
import { splitTag } from './docker-images.js';

const TRANSFER_LIMIT_MS = 15 * 60_000;
/** Engines require the credentials header even for a registry without credentials. */
const NO_AUTH = {};
const DIGEST = /^sha256:[0-9a-f]{64}$/;

interface Message {
  readonly error?: string;
  readonly aux?: { readonly Digest?: string };
}

/**
 * Docker implementation of pushing and pulling images. The engine checks every byte that it pulls
 * against the requested digest.
 */
export function registryOn(docker: Docker): Pick<Engine, 'pushImage' | 'pullDigest'> {
  const limited = (signal: AbortSignal) =>
    AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_LIMIT_MS)]);
  return {
    async pushImage(tag, { repository, credentials, signal }) {
      const [, name] = splitTag(tag);
      await call('tag', () => docker.getImage(tag).tag({ repo: repository, tag: name }));
      try {
        const stream = await docker.getImage(repository).push({
          tag: name,
          abortSignal: limited(signal),
          authconfig: credentials ?? NO_AUTH,
        } as object);
        const digest = await followTransfer(stream);
        if (digest === null || !DIGEST.test(digest))
          throw new Error('the registry returned no digest');
        return digest;
      } catch (error) {
        signal.throwIfAborted();
        throw dockerError(`push of ${tag}`, error);
      } finally {
        await ignoreGone(() => docker.getImage(`${repository}:${name}`).remove()).catch(
          () => undefined,
        ); // removes the name, not the image
      }
    },
    async pullDigest(digest, tag, { repository, credentials, signal }) {
      const reference = `${repository}@${digest}`;
      try {
        await followTransfer(
          await docker.pull(reference, {
            abortSignal: limited(signal),
            authconfig: credentials ?? undefined,
          }),
        );
        const [repo, name] = splitTag(tag);
        await call('tag', () => docker.getImage(reference).tag({ repo, tag: name }));
      } catch (error) {
        signal.throwIfAborted();
        throw dockerError(`pull of ${tag}`, error);
      } finally {
        // Otherwise the image would outlive its tag.
        await ignoreGone(() => docker.getImage(reference).remove()).catch(() => undefined);
      }
    },
  };
}

/** Reads a push or pull to its end. Returns the last digest that the engine reported. */
async function followTransfer(stream: NodeJS.ReadableStream): Promise<string | null> {
  let rest = '';
  let digest: string | null = null;
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const { error, aux } = JSON.parse(line) as Message;
      if (error !== undefined) throw new Error(error);
      digest = aux?.Digest ?? digest;
    }
  }
  return digest;
}
