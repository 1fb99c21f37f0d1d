import { logIncompleteBeta } from './incomplete-beta.js';
import { logMixture, MIXTURE } from './sign-sequence.js';

/**
 * log E, the evidence of the signs that the centre of the values lies above an edge.
 *
 * With S of n values above the edge, and Beta(10, 10) cut to (1/2, 1) over the probability of a sign:
 *
 *     E = 2 M(S) I_½(a + n - S, a + S),   M of `signRank`
 *
 * If the centre is at most the edge, E ever reaches 1/α with a probability of at most α, however long the values are
 * watched: an e-process. A value equal to the edge counts against.
 * I_½(a + n - S, a + S) is 1 - I_½(a + S, a + n - S); as that difference it would cancel.
 *
 * Sources: as `signRank`; Vovk and Wang, "E-values: Calibration, Combination and Applications", Ann. Stat. 49(3), 2021.
 *
 * @param values finite numbers, any order, any unit
 * @param edge in the unit of the values
 * @returns natural logarithm; below 0 where the values speak against it, 0 without values
 */
export function logEvidenceAbove(values: readonly number[], edge: number): number {
  return logEvidence(values.filter((value) => value > edge).length, values.length);
}

/** As `logEvidenceAbove`, that the centre lies below the edge. */
export function logEvidenceBelow(values: readonly number[], edge: number): number {
  return logEvidence(values.filter((value) => value < edge).length, values.length);
}

/** log E of so many signs of n on the side that is claimed. */
export function logEvidence(signs: number, count: number): number {
  return (
    Math.LN2 +
    logMixture(signs, count) +
    logIncompleteBeta(0.5, MIXTURE + count - signs, MIXTURE + signs)
  );
}

/**
 * The p value of a difference beyond a threshold: min(1, 2 / max(E of above 1 + d, E of below 1/(1 + d))).
 *
 * Benjamini and Hochberg's adjustment of these values is the e-BH procedure: it holds the rate of false discoveries
 * under any dependence of the comparisons and any rule of stopping.
 *
 * Source: Wang and Ramdas, "False Discovery Rate Control with E-values", J. R. Stat. Soc. B 84(3), 2022.
 *
 * @param values log ratios, any order
 * @param threshold d > 0; 0.02 is 2 %
 */
export function evidencePValue(values: readonly number[], threshold: number): number {
  const edge = Math.log1p(threshold);
  const strongest = Math.max(logEvidenceAbove(values, edge), logEvidenceBelow(values, -edge));
  return Math.min(1, 2 * Math.exp(-strongest));
}
