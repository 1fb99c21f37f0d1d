import type { ReactNode } from 'react';
import type { Verdict } from '../../contract/comparison.js';
import { intervalWords } from '../../contract/interval-words.js';
import { verdictWords, type About, type SaidRow } from '../../contract/verdict-words.js';
import { Badge, type BadgeLook } from './badge.js';

const LOOKS: Record<Verdict, BadgeLook> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
  'same-binary': ['', '='],
};
const OPEN: BadgeLook = ['', '…'];
/** What a variant costs is no finding (services/contract/judged.ts), so it is neither red nor green. */
const COST_LOOKS: Record<Verdict, BadgeLook> = {
  ...LOOKS,
  regression: ['active', '▲'],
  improvement: ['active', '▼'],
};

/**
 * A verdict with its look.
 *
 * @param cost the verdict is of a variant against the baseline: what it costs, not what changed
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
  const look = verdict === null ? OPEN : (cost ? COST_LOOKS : LOOKS)[verdict];
  return <Badge look={look}>{children}</Badge>;
}

/** What is known of a comparison: its verdict, and below it the interval; where nothing is decided, the interval alone. */
export function Answer({ row, about }: { row: SaidRow; about: About }) {
  if (row.ratio === null) return null;
  const words = verdictWords(row, about);
  const interval = intervalWords(row.ratio);
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

/** As what a cost is drawn: like an unjudged interval, unless nothing is decided or there is no cost. */
export function costTone(verdict: Verdict | null): Verdict | null {
  return verdict === 'regression' || verdict === 'improvement' ? null : verdict;
}
