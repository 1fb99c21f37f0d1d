import type { Verdict } from '../../contract/comparison.js';

const LOOKS: Record<Verdict, readonly [className: string, mark: string]> = {
  regression: ['worse', '▲'],
  improvement: ['better', '▼'],
  'no-change': ['', '='],
  inconclusive: ['unsure', '?'],
};

/**
 * A verdict: colour, mark and words say the same.
 *
 * @param overhead the verdict is of a variant against the baseline: what it costs, not what changed
 */
export function VerdictBadge({ verdict, overhead = false }: { verdict: Verdict | null; overhead?: boolean }) {
  if (verdict === null) return <span className="soft">–</span>;
  const [className, mark] = LOOKS[verdict];
  const cost: Record<Verdict, string> = { regression: 'worse', improvement: 'better', 'no-change': 'no difference', inconclusive: 'inconclusive' };
  const change: Record<Verdict, string> = { regression: 'regression', improvement: 'improvement', 'no-change': 'no change', inconclusive: 'inconclusive' };
  return (
    <span className={`badge ${className}`}>
      <span aria-hidden="true">{mark}</span>
      {(overhead ? cost : change)[verdict]}
    </span>
  );
}
