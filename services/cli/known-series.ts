// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { ProjectList, Series, SeriesKey, SeriesList } from '#contract/history.js';
import type { Client } from './client.js';

const SHOWN = 20;

/**
 * Checks that a project exists, and the branch if one is named.
 * @throws {UNKNOWN_SERIES} One of them does not; the message lists those that do.
 */
export async function checkProject(
  client: Client,
  { project, branch }: { readonly project: string; readonly branch?: string },
): Promise<void> {
  const { projects } = await client.get<ProjectList>('/v1/projects');
  const found = projects.find(({ name }) => name === project);
  if (found === undefined)
    throw unknown(
      `no project "${project}"`,
      projects.map(({ name }) => name),
    );
  if (branch !== undefined && !found.branches.some(({ name }) => name === branch))
    throw unknown(
      `project "${project}" has no branch "${branch}"`,
      found.branches.map(({ name }) => name),
    );
}

/**
 * Explains why a series has no points.
 * @throws {UNKNOWN_SERIES} The project, branch, workload, variant or metric does not exist; the
 *   message names the first and lists those that do.
 */
export async function checkSeries(client: Client, wanted: SeriesKey): Promise<void> {
  const { project, branch } = wanted;
  await checkProject(client, { project, branch });
  const query = new URLSearchParams({ project, branch });
  const { series } = await client.get<SeriesList>(`/v1/series?${query}`);
  let left: readonly Series[] = series;
  for (const field of ['workload', 'variant', 'metric'] as const) {
    const matching = left.filter((one) => one[field] === wanted[field]);
    if (matching.length === 0)
      throw unknown(
        `no series with the ${field} "${wanted[field]}"`,
        left.map((one) => one[field]),
      );
    left = matching;
  }
}

function unknown(what: string, names: readonly string[]): QibenchError {
  const known = [...new Set(names)];
  const more = known.length > SHOWN ? `, and ${known.length - SHOWN} more` : '';
  return new QibenchError('UNKNOWN_SERIES', {
    what,
    known: known.length === 0 ? '(none)' : `${known.slice(0, SHOWN).join(', ')}${more}`,
  });
}
