// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';

/** Returns the time of the first record on the host's clock. */
export const originOf = ({ firstNs }: Trace): bigint => BigInt(firstNs ?? 0);

/**
 * Returns the time from the first to the last record in ns; at least 1, so that the axis has a
 * length.
 */
export const spanOf = ({ firstNs, lastNs }: Trace): number =>
  firstNs === null || lastNs === null
    ? 1
    : Math.max(1, Number(BigInt(lastNs) - BigInt(firstNs)) + 1);
