// SPDX-License-Identifier: GPL-2.0-or-later
import type { ReactNode } from 'react';
import type { Verdict } from '#contract/comparison.js';
import { ratioWords } from '#contract/interval-words.js';
import { verdictWords, type About, type AnsweredRow } from '#contract/verdict-words.js';
import { Badge, type BadgeTone } from './badge.js';

const TONES: Record<Verdict, BadgeTone> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
  'same-binary': ['', '='],
};
const OPEN: BadgeTone = ['', '…'];
/** An overhead is not a finding (services/contract/findings.ts), so it is neither red nor green. */
const COST_TONES: Record<Verdict, BadgeTone> = {
  ...TONES,
  regression: ['active', '▲'],
  improvement: ['active', '▼'],
};

/**
 * Shows a verdict with its tone.
 *
 * @param cost True for an overhead: the verdict compares a variant with the baseline and does not
 *   state a change.
 */
export function VerdictBadge({
  verdict,
  cost,
  children,
}: {
  verdict: Verdict | null;
  cost: boolean;
  children: ReactNode;
}) {
  const tone = verdict === null ? OPEN : (cost ? COST_TONES : TONES)[verdict];
  return <Badge tone={tone}>{children}</Badge>;
}

/** Shows a verdict with its interval below it, or the interval alone while nothing is decided. */
export function Answer({ row, about }: { row: AnsweredRow; about: About }) {
  if (row.ratio === null) return null;
  const words = verdictWords(row, about);
  const interval = ratioWords(row.ratio);
  return (
    <>
      <VerdictBadge verdict={row.verdict} cost={about !== 'change'}>
        {words ?? interval}
      </VerdictBadge>
      {words !== null && row.verdict !== 'same-binary' && (
        <div className="soft small">{interval}</div>
      )}
    </>
  );
}

/**
 * Returns the verdict that colours the interval of an overhead: null (neutral) for a decided
 * overhead.
 */
export function costTone(verdict: Verdict | null): Verdict | null {
  return verdict === 'regression' || verdict === 'improvement' ? null : verdict;
}
