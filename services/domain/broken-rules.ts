// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { ErrorCode, ErrorDetail } from '#contract/error.js';

/** Number of broken rules that the error's message spells out. */
const SUMMARISED_RULES = 3;
/** Most broken rules in `details`; a request may break thousands. */
const DETAILED_RULES = 100;

/** Collects broken rules, so that one error reports all of them. */
export class BrokenRules {
  private readonly details: ErrorDetail[] = [];
  private count = 0;
  private specific: { code: ErrorCode; values: Record<string, string> } | null = null;

  /** Adds a broken rule. A sweep checks a field once per value, and each rule counts once. */
  add(path: string, message: string): void {
    if (this.details.some((known) => known.path === path && known.message === message)) return;
    this.count += 1;
    if (this.details.length < DETAILED_RULES) this.details.push({ path, message });
  }

  /** Whether further rules would only be counted. */
  get full(): boolean {
    return this.details.length >= DETAILED_RULES;
  }

  /** Adds a broken rule that has its own error code. */
  unknown(code: ErrorCode, path: string, values: Record<string, string>, message: string): void {
    this.specific = { code, values: { ...values, field: path } };
    this.add(path, message);
  }

  throwIfAny(): void {
    const { count, details, specific } = this;
    if (details.length === 0) return;
    if (details.length === 1 && specific !== null)
      throw new QibenchError(specific.code, specific.values, { details });
    const listed = details
      .slice(0, SUMMARISED_RULES)
      .map(({ path, message }) => `${path}: ${message}`);
    const more = count - listed.length;
    const summary = listed.join('; ') + (more > 0 ? `; and ${more} more` : '');
    throw new QibenchError('INVALID_REQUEST', { count, summary }, { details });
  }
}
