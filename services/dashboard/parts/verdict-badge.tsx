import type { Verdict } from '../../contract/comparison.js';
import { Badge, type BadgeLook } from './badge.js';

const LOOKS: Record<Verdict, BadgeLook> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
};
const COSTS: Record<Verdict, string> = { regression: 'worse', improvement: 'better', 'no-change': 'no difference', inconclusive: 'inconclusive' };
const CHANGES: Record<Verdict, string> = { regression: 'regression', improvement: 'improvement', 'no-change': 'no change', inconclusive: 'inconclusive' };

/** @param overhead the verdict is of a variant against the baseline: what it costs, not what changed */
export function VerdictBadge({ verdict, overhead = false }: { verdict: Verdict | null; overhead?: boolean }) {
  if (verdict === null) return <span className="soft">–</span>;
  return <Badge look={LOOKS[verdict]}>{(overhead ? COSTS : CHANGES)[verdict]}</Badge>;
}
