import type { AlertState } from '../../../contract/history.js';
import { Badge, type BadgeLook } from '../../parts/badge.js';

const LOOKS: Record<AlertState, BadgeLook> = {
  open: ['unsure', '!'],
  acknowledged: ['active', '✓'],
  noise: ['', '~'],
  fixed: ['better', '✓'],
};

/** What somebody said of an alert: colour, mark and word say the same. */
export function AlertStateBadge({ state }: { state: AlertState }) {
  return <Badge look={LOOKS[state]}>{state}</Badge>;
}
