// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorBody } from '#contract/error.js';
import { addressOf } from './address.js';
import { setSignedOut } from './session.js';

/** An error of the catalogue as the API reported it, or a lost connection (status 0). */
export class ApiError extends Error {
  readonly body: ErrorBody;
  readonly status: number;

  constructor(body: ErrorBody, status: number) {
    super(body.message);
    this.name = 'ApiError';
    this.body = body;
    this.status = status;
  }
}

/**
 * Sends GET to a path of the API.
 * @throws {ApiError} The service refuses the request or does not answer.
 */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(path, { signal: signal ?? null });
}

/**
 * Sends a JSON body.
 * @throws {ApiError} The service refuses the request or does not answer.
 */
export async function send<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  if (body === undefined) return answer<T>(path, { method, headers });
  return answer<T>(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/**
 * Sends a folder as a tar.
 * @throws {ApiError} The service refuses the request or does not answer.
 */
export async function sendTar<T>(path: string, tar: Blob): Promise<T> {
  return answer<T>(path, {
    method: 'POST',
    body: tar,
    headers: { 'content-type': 'application/x-tar' },
  });
}

async function answer<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(addressOf(path), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(
      { code: 'UNREACHABLE', kind: 'infra', message: 'the service does not answer', details: [] },
      0,
    );
  }
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) setSignedOut(true);
  const body = (await response.json().catch(() => null)) as { error?: ErrorBody } | null;
  throw new ApiError(
    body?.error ?? {
      code: 'UNREADABLE',
      kind: 'infra',
      message: `the service answered ${response.status} without a reason`,
      details: [],
    },
    response.status,
  );
}

/**
 * Adds query parameters to a path: leaves out empty values and repeats a parameter for an array.
 */
export function withQuery(
  path: string,
  query: Record<string, string | number | boolean | readonly string[] | null | undefined>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value))
      for (const item of value as readonly string[]) search.append(name, item);
    else if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
