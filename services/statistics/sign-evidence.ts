// SPDX-License-Identifier: GPL-2.0-or-later
import { logIncompleteBeta } from './incomplete-beta.js';
import { logMixture, MIXTURE } from './sign-sequence.js';

/**
 * Returns log E, the evidence of the signs that the centre of the values lies above an edge.
 *
 * With S of n values above the edge, and Beta(10, 10) truncated to (1/2, 1) over the probability of
 * a sign:
 *
 *     E = 2 M(S) I_½(a + n - S, a + S),   M of `signRank`
 *
 * E is an e-process: if the centre is at most the edge, E ever reaches 1/α with a probability of at
 * most α, for any number of values. A value equal to the edge counts as not above.
 * I_½(a + n - S, a + S) equals 1 - I_½(a + S, a + n - S), but that difference would cancel.
 *
 * Sources: as `signRank`; Vovk and Wang, "E-values: Calibration, Combination and Applications",
 * Ann. Stat. 49(3), 2021.
 *
 * @param values finite numbers, any order, any unit
 * @param edge in the unit of the values
 * @returns natural logarithm; below 0 if the values are evidence against it, 0 without values
 */
export function logEvidenceAbove(values: readonly number[], edge: number): number {
  return logEvidence(values.filter((value) => value > edge).length, values.length);
}

/** Returns log E, as `logEvidenceAbove`, that the centre lies below the edge. */
export function logEvidenceBelow(values: readonly number[], edge: number): number {
  return logEvidence(values.filter((value) => value < edge).length, values.length);
}

/** Returns log E, as `logEvidenceAbove`, of `count` signs, `signs` of them on the claimed side. */
export function logEvidence(signs: number, count: number): number {
  return (
    Math.LN2 +
    logMixture(signs, count) +
    logIncompleteBeta(0.5, MIXTURE + count - signs, MIXTURE + signs)
  );
}

/**
 * Returns the p value of a difference beyond a threshold: min(1, 2 / max(E of above 1 + d, E of
 * below 1/(1 + d))).
 *
 * Benjamini and Hochberg's adjustment of these values is the e-BH procedure. It controls the false
 * discovery rate under any dependence of the comparisons and any stopping rule.
 *
 * Source: Wang and Ramdas, "False Discovery Rate Control with E-values", J. R. Stat. Soc. B 84(3),
 * 2022.
 *
 * @param values log ratios, any order
 * @param threshold d > 0; 0.02 is 2 %
 */
export function evidencePValue(values: readonly number[], threshold: number): number {
  const edge = Math.log1p(threshold);
  const strongest = Math.max(logEvidenceAbove(values, edge), logEvidenceBelow(values, -edge));
  return Math.min(1, 2 * Math.exp(-strongest));
}
