// SPDX-License-Identifier: GPL-2.0-or-later
import type { AlertState } from '#contract/history.js';
import { Badge, type BadgeTone } from '../../components/badge.js';

const TONES: Record<AlertState, BadgeTone> = {
  open: ['unsure', '!'],
  acknowledged: ['active', '✓'],
  noise: ['', '~'],
  fixed: ['better', '✓'],
};

/** Shows an alert's state. Colour, mark and word have the same meaning. */
export function AlertStateBadge({ state }: { state: AlertState }) {
  return <Badge tone={TONES[state]}>{state}</Badge>;
}
