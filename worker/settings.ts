// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { Label, WorkerRole } from '#contract/requires.js';

/**
 * Reads a worker's role and labels from the environment.
 * @throws {BAD_SETTING} when the role or a label is malformed.
 */
export function readPlacement(environment: Readonly<Record<string, string | undefined>>): {
  role: WorkerRole;
  labels: string[];
} {
  const role = WorkerRole.safeParse(environment.QIBENCH_ROLE || 'both');
  if (!role.success)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_ROLE',
      reason: `it must be one of ${WorkerRole.options.join(', ')}`,
    });
  const labels = (environment.QIBENCH_LABELS ?? '')
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
  const wrong = labels.find((label) => !Label.safeParse(label).success);
  if (wrong !== undefined)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_LABELS',
      reason: `"${wrong.slice(0, 100)}" is not a label: lower-case letters, digits and . _ -`,
    });
  return { role: role.data, labels: [...new Set(labels)].sort() };
}
