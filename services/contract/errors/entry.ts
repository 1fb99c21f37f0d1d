// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

/**
 * The party that must act: the caller, the author of a workload or instrumentation, the operator,
 * or the developers of qibench.
 */
export const ErrorKind = z.enum(['user', 'workload', 'infra', 'bug']);
export type ErrorKind = z.infer<typeof ErrorKind>;

/** One error of the catalogue. */
export interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly http: number;
  /** Only infrastructure failures are retried. */
  readonly retry: boolean;
  /** `{name}` is replaced by the detail of that name. */
  readonly text: string;
}
