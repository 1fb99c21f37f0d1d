// SPDX-License-Identifier: GPL-2.0-or-later
import { bearer } from './closed-api.js';
import { parseExposition } from './prometheus-text.js';

/** Reads a metrics page. A missing series has the value undefined. */
export async function scrapeMetrics(url: string, secret: string | null) {
  const response = await fetch(url, secret === null ? {} : { headers: bearer(secret) });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ]);
  const families = parseExposition(await response.text());
  const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
    families
      .get(name.replace(/_(count|sum|bucket)$/, ''))
      ?.samples.find(
        (candidate) =>
          candidate.name === name &&
          Object.entries(labels).every(([label, text]) => candidate.labels[label] === text),
      )?.value;
  return { families, value };
}
