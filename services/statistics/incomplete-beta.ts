// SPDX-License-Identifier: GPL-2.0-or-later
const { PI, abs, exp, log, log1p, sin } = Math;

/**
 * Returns the regularised incomplete beta function I_x(a, b), the distribution function of Beta(a,
 * b). The relative error is about 1e-13.
 *
 * Evaluates the continued fraction by Lentz, on the side of the mean where it converges fast.
 *
 * Source: Press, Teukolsky, Vetterling, Flannery, Numerical Recipes, 3rd ed., section 6.4.
 *
 * @param x in [0, 1]
 * @param a positive
 * @param b positive
 * @throws {RangeError} An argument is out of its range.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  requireDefined(x, a, b);
  if (x === 0 || x === 1) return x;
  return belowMean(x, a, b) ? exp(logTail(x, a, b)) : 1 - exp(logUpperTail(x, a, b));
}

/**
 * Returns log I_x(a, b), exact to about 1e-12, even if I_x(a, b) underflows or cannot be told from
 * 1.
 *
 * @param x in [0, 1]
 * @param a positive
 * @param b positive
 * @returns at most 0; -Infinity at x = 0
 * @throws {RangeError} An argument is out of its range.
 */
export function logIncompleteBeta(x: number, a: number, b: number): number {
  requireDefined(x, a, b);
  if (x === 0 || x === 1) return log(x);
  return belowMean(x, a, b) ? logTail(x, a, b) : log1p(-exp(logUpperTail(x, a, b)));
}

/** Returns log B(a, b), the logarithm of the beta function, for positive a and b. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/**
 * Returns the x with I_x(a, b) = probability, by bisection down to neighbouring numbers.
 *
 * @param probability in [0, 1]
 * @throws {RangeError} The probability is outside [0, 1], or I_x(a, b) is not defined.
 */
export function inverseIncompleteBeta(probability: number, a: number, b: number): number {
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`expected a probability in [0, 1], not ${probability}`);
  let low = 0;
  let high = 1;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const LANCZOS_FIRST = 0.99999999999980993;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Returns log Γ(x) for x > 0 by Lanczos' approximation (g = 7, nine terms), error below 1e-13. */
export function logGamma(x: number): number {
  if (x < 0.5) return log(PI / sin(PI * x)) - logGamma(1 - x);
  const base = x + 6.5;
  const series = LANCZOS.reduce((sum, term, index) => sum + term / (x + index), LANCZOS_FIRST);
  return 0.5 * log(2 * PI) + (x - 0.5) * log(base) - base + log(series);
}

function requireDefined(x: number, a: number, b: number): void {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0))
    throw new RangeError(`I_x(a, b) is not defined for x ${x}, a ${a}, b ${b}`);
}

/** Returns whether the fraction converges fast for I_x(a, b); else it does for 1 - I_x(a, b). */
function belowMean(x: number, a: number, b: number): boolean {
  return x < (a + 1) / (a + b + 2);
}

/** Returns log I_x(a, b), for x below the mean. */
function logTail(x: number, a: number, b: number): number {
  return logFront(x, a, b) + log(fraction(x, a, b) / a);
}

/** Returns log(1 - I_x(a, b)), for x above the mean. */
function logUpperTail(x: number, a: number, b: number): number {
  return logFront(x, a, b) + log(fraction(1 - x, b, a) / b);
}

function logFront(x: number, a: number, b: number): number {
  return a * log(x) + b * log1p(-x) - logBeta(a, b);
}

/** Evaluates the continued fraction of I_x(a, b) by Lentz. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const nonZero = (value: number): number => (abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    result *= d * c;
    if (abs(d * c - 1) < 1e-16) break;
  }
  return result;
}
