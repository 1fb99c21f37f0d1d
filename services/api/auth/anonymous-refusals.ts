// SPDX-License-Identifier: GPL-2.0-or-later

const HOUR_MS = 3_600_000;
const PER_ADDRESS = 100;
const IN_ALL = 1_000;

/**
 * Limits the refusals of callers without a token that are recorded within an hour, per address and
 * in all: anyone can cause them, from any number of addresses.
 */
export class AnonymousRefusals {
  readonly #recorded = new Map<string, number>();
  #total = 0;
  #sinceMs = 0;

  /** Returns whether another refusal may be recorded, and counts it. */
  admits(ip: string, nowMs = Date.now()): boolean {
    if (nowMs - this.#sinceMs >= HOUR_MS) {
      this.#recorded.clear();
      this.#total = 0;
      this.#sinceMs = nowMs;
    }
    const recorded = this.#recorded.get(ip) ?? 0;
    if (recorded >= PER_ADDRESS || this.#total >= IN_ALL) return false;
    this.#recorded.set(ip, recorded + 1);
    this.#total += 1;
    return true;
  }
}
