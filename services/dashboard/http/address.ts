// SPDX-License-Identifier: GPL-2.0-or-later

/**
 * Path below which a proxy serves the whole service; empty at the root of its host. The service
 * writes it into the document.
 */
export const BASE_PATH =
  document.querySelector<HTMLMetaElement>('meta[name="qibench-base-path"]')?.content ?? '';

/** Returns the address of a path of the service, for everything but links of the router. */
export const addressOf = (path: string): string => `${BASE_PATH}${path}`;

/** Returns the URL of the service, as other programs need it. */
export const serviceUrl = (): string => `${location.origin}${BASE_PATH}`;
