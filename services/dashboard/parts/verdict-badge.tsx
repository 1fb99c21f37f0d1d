import type { Verdict } from '../../contract/comparison.js';
import { Badge, type BadgeLook } from './badge.js';

const LOOKS: Record<Verdict, BadgeLook> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
};
/** What a variant costs is no finding (services/contract/judged.ts), so it is neither red nor green. */
const COST_LOOKS: Record<Verdict, BadgeLook> = {
  ...LOOKS,
  regression: ['active', '▲'],
  improvement: ['active', '▼'],
};
const COSTS: Record<Verdict, string> = {
  regression: 'worse',
  improvement: 'better',
  'no-change': 'no difference',
  inconclusive: 'inconclusive',
};
const COSTS_OF_TIME: Record<Verdict, string> = {
  ...COSTS,
  regression: 'slower',
  improvement: 'faster',
};
const CHANGES: Record<Verdict, string> = {
  regression: 'regression',
  improvement: 'improvement',
  'no-change': 'no change',
  inconclusive: 'inconclusive',
};

/** @param costIn the verdict is of a variant against the baseline: what it costs in this unit, not what changed */
export function VerdictBadge({
  verdict,
  costIn,
}: {
  verdict: Verdict | null;
  costIn?: string | undefined;
}) {
  if (verdict === null) return <span className="soft">–</span>;
  return (
    <Badge look={(costIn === undefined ? LOOKS : COST_LOOKS)[verdict]}>
      {(costIn === undefined ? CHANGES : costIn === 'ns' ? COSTS_OF_TIME : COSTS)[verdict]}
    </Badge>
  );
}

/** As what a cost is drawn: like an unjudged interval, unless the blocks cannot tell or there is none. */
export function costTone(verdict: Verdict | null): Verdict | null {
  return verdict === 'regression' || verdict === 'improvement' ? null : verdict;
}
