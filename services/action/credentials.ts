// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ServiceError, type Credentials } from './service.js';
import { TransientError, isTransient, retryAfterMs } from '#client/retry.js';

const Answer = z.object({ token: z.string().min(1) });

export interface SignIn {
  readonly serviceUrl: string;
  readonly project: string | null;
  /** The input token. */
  readonly token: string | null;
  /** Requests an id-token of the workflow for the service; null without the permission for one. */
  readonly idToken: (() => Promise<string>) | null;
  readonly setSecret: (secret: string) => void;
  /** Writes a line to the log. */
  readonly note: (text: string) => void;
}

/**
 * Returns a source of tokens for the service. It exchanges the workflow's id-token for a token of
 * the service. If that is not possible it returns the input token, or null for an open service.
 */
export function credentials({
  serviceUrl,
  project,
  token,
  idToken,
  setSecret,
  note,
}: SignIn): Credentials {
  if (token !== null) setSecret(token);
  let current: Promise<string | null> | null = null;
  const signIn = async (): Promise<string | null> => {
    if (idToken === null) return token;
    try {
      const exchanged = await exchange(serviceUrl, await idToken(), project);
      if (exchanged !== null) setSecret(exchanged);
      return exchanged ?? token;
    } catch (error) {
      // A service that trusts no repository may still accept the input token, or be open.
      if (!(error instanceof ServiceError) || (token === null && error.code !== 'BAD_ID_TOKEN'))
        throw error;
      note(`the service does not accept the id-token of this workflow: ${error.message}`);
      return token;
    }
  };
  return async (again) => {
    if (again) current = null;
    current ??= signIn().catch((error: unknown) => {
      current = null;
      throw error;
    });
    return current;
  };
}

/**
 * Exchanges an id-token, which can be used once, for a token of the service. Returns null if the
 * service is too old to have tokens.
 */
async function exchange(
  serviceUrl: string,
  idToken: string,
  project: string | null,
): Promise<string | null> {
  const body = JSON.stringify({ idToken, ...(project === null ? {} : { project }) });
  let response: Response;
  try {
    response = await fetch(`${serviceUrl}/v1/tokens/github`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error
        ? error.cause.message || error.cause.name
        : String(error);
    throw new TransientError(`no qibench service answers at ${serviceUrl} (${cause})`, null);
  }
  if (response.status === 404) return null;
  const answer = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string };
  } | null;
  if (response.ok) return Answer.parse(answer).token;
  const message = answer?.error?.message ?? `signing in answered ${response.status}`;
  if (isTransient(response.status))
    throw new TransientError(
      message,
      retryAfterMs(response.headers.get('retry-after'), Date.now()),
    );
  throw new ServiceError(message, 'user', answer?.error?.code ?? 'UNAUTHENTICATED');
}
