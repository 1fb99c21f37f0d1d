import type { Verdict } from '../../contract/comparison.js';
import { Badge, type BadgeLook } from './badge.js';

const LOOKS: Record<Verdict, BadgeLook> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
};
/** What a variant costs is no finding (services/contract/judged.ts), so it is neither red nor green. */
const COST_LOOKS: Record<Verdict, BadgeLook> = { ...LOOKS, regression: ['active', '▲'], improvement: ['active', '▼'] };
const COSTS: Record<Verdict, string> = { regression: 'costs', improvement: 'gains', 'no-change': 'no difference', inconclusive: 'inconclusive' };
const CHANGES: Record<Verdict, string> = { regression: 'regression', improvement: 'improvement', 'no-change': 'no change', inconclusive: 'inconclusive' };

/** @param overhead the verdict is of a variant against the baseline: what it costs, not what changed */
export function VerdictBadge({ verdict, overhead = false }: { verdict: Verdict | null; overhead?: boolean }) {
  if (verdict === null) return <span className="soft">–</span>;
  return <Badge look={(overhead ? COST_LOOKS : LOOKS)[verdict]}>{(overhead ? COSTS : CHANGES)[verdict]}</Badge>;
}

/** As what a cost is drawn: like an unjudged interval, unless the blocks cannot tell or there is none. */
export function costTone(verdict: Verdict | null): Verdict | null {
  return verdict === 'regression' || verdict === 'improvement' ? null : verdict;
}
