import type { Trace } from '../../../contract/trace.js';

/** Of the first record, on the host's clock. */
export const originOf = ({ firstNs }: Trace): bigint => BigInt(firstNs ?? 0);

/** From the first to the last record, ns; at least 1, so that there is something to show. */
export const spanOf = ({ firstNs, lastNs }: Trace): number =>
  firstNs === null || lastNs === null
    ? 1
    : Math.max(1, Number(BigInt(lastNs) - BigInt(firstNs)) + 1);
