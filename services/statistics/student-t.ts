// SPDX-License-Identifier: GPL-2.0-or-later
import { incompleteBeta, inverseIncompleteBeta, logGamma } from './incomplete-beta.js';
import { normalCdf } from './normal.js';

const { exp, log, sqrt } = Math;

/**
 * Returns the distribution function of Student's t with ν degrees of freedom: for t ≥ 0,
 * 1 - I_{ν/(ν+t²)}(ν/2, 1/2) / 2.
 *
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1.
 *
 * @param degrees ν > 0
 */
export function studentCdf(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * Returns the inverse of `studentCdf`.
 *
 * @param probability in (0, 1)
 * @throws {RangeError} The probability is outside (0, 1).
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`expected a probability in (0, 1), not ${probability}`);
  const tail = Math.min(probability, 1 - probability);
  const share = inverseIncompleteBeta(2 * tail, degrees / 2, 0.5);
  const t = sqrt(degrees * (1 / share - 1));
  return probability < 0.5 ? -t : t;
}

/**
 * Returns the distribution function of the noncentral t: P((Z + δ) / S ≤ t) with Z standard normal
 * and S² = χ²_ν / ν.
 *
 * Integrates ∫ Φ(t s - δ) f(s) ds over the density f of S by Simpson's rule, on the range that
 * contains all but 1e-15 of it.
 *
 * @param degrees ν ≥ 1
 * @param noncentrality δ
 */
export function noncentralStudentCdf(t: number, degrees: number, noncentrality: number): number {
  const logScale = log(2) + (degrees / 2) * log(degrees / 2) - logGamma(degrees / 2);
  const density = (s: number): number =>
    s === 0
      ? degrees === 1
        ? exp(logScale)
        : 0
      : exp(logScale + (degrees - 1) * log(s) - (degrees * s * s) / 2);
  const spread = 9 / sqrt(2 * degrees);
  const from = Math.max(0, 1 - spread);
  const steps = 200;
  const width = (1 + spread - from) / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step += 1) {
    const s = from + step * width;
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * density(s) * normalCdf(t * s - noncentrality);
  }
  return (sum * width) / 3;
}
