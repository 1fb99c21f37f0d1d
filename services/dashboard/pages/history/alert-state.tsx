import type { AlertState } from '../../../contract/history.js';

const LOOKS: Record<AlertState, readonly [className: string, mark: string]> = {
  open: ['unsure', '!'],
  acknowledged: ['active', '✓'],
  noise: ['', '~'],
  fixed: ['better', '✓'],
};

/** What somebody said of an alert: colour, mark and word say the same. */
export function AlertStateBadge({ state }: { state: AlertState }) {
  const [className, mark] = LOOKS[state];
  return (
    <span className={`badge ${className}`}>
      <span aria-hidden="true">{mark}</span>
      {state}
    </span>
  );
}
