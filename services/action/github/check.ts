// SPDX-License-Identifier: GPL-2.0-or-later
import type { Annotation } from '../annotations.js';
import type { Judgement } from '../gate.js';
import { fitted, LIMITS_BYTES, type Section } from '../sections.js';
import type { GitHub } from './client.js';

const PER_REQUEST = 50;

/** Creates a check run. Its name is stable, so that a branch rule can require it. */
export async function beginCheck(
  github: GitHub,
  check: { name: string; headSha: string; page: string | null },
): Promise<number> {
  const { data } = await github.rest.checks.create({
    ...github.at,
    name: check.name,
    head_sha: check.headSha,
    status: 'in_progress',
    ...(check.page === null ? {} : { details_url: check.page }),
  });
  return data.id;
}

export interface FinishedCheck {
  readonly id: number;
  readonly judgement: Judgement;
  readonly sections: readonly Section[];
  readonly page: string | null;
  readonly annotations: readonly Annotation[];
}

/** Completes a check run. GitHub accepts fifty annotations a request, so they go in batches. */
export async function finishCheck(
  github: GitHub,
  { id, judgement, sections, page, annotations }: FinishedCheck,
): Promise<void> {
  const summary = fitted(sections, LIMITS_BYTES.check, page === null ? '' : `Everything: ${page}`);
  const batches = Math.max(1, Math.ceil(annotations.length / PER_REQUEST));
  for (let batch = 0; batch < batches; batch++) {
    await github.rest.checks.update({
      ...github.at,
      check_run_id: id,
      ...(batch === 0
        ? {
            status: 'completed' as const,
            conclusion: judgement.conclusion,
            ...(page === null ? {} : { details_url: page }),
          }
        : {}),
      output: {
        title: judgement.title,
        summary,
        annotations: annotations
          .slice(batch * PER_REQUEST, (batch + 1) * PER_REQUEST)
          .map(({ path, line, message }) => ({
            path,
            start_line: line,
            end_line: line,
            annotation_level: 'failure' as const,
            message,
            title: 'qibench',
          })),
      },
    });
  }
}
