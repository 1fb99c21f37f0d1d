// SPDX-License-Identifier: GPL-2.0-or-later
const { PI, exp, sqrt } = Math;

/**
 * Returns the standard normal distribution function Φ(x), absolute error below 1e-14.
 *
 * Source: Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4),
 * 2004: Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …).
 */
export function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (!(x <= 8)) return x > 8 ? 1 : x; // NaN for NaN
  let term = x;
  let sum = x;
  for (let odd = 3; ; odd += 2) {
    term *= (x * x) / odd;
    if (sum + term === sum) break;
    sum += term;
  }
  return 0.5 + (sum * exp(-0.5 * x * x)) / sqrt(2 * PI);
}

/**
 * Inverts `normalCdf` by bisection of Φ on [-8, 8]: 60 steps, as speed does not matter here.
 *
 * @param probability in (0, 1)
 * @throws {RangeError} The probability is outside (0, 1).
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`expected a probability in (0, 1), not ${probability}`);
  let low = -8;
  let high = 8;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
