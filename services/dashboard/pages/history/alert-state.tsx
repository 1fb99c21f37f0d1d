// SPDX-License-Identifier: GPL-2.0-or-later
import type { AlertState } from '#contract/history.js';
import { Badge, type BadgeLook } from '../../components/badge.js';

const LOOKS: Record<AlertState, BadgeLook> = {
  open: ['unsure', '!'],
  acknowledged: ['active', '✓'],
  noise: ['', '~'],
  fixed: ['better', '✓'],
};

/** Shows an alert's state. Colour, mark and word have the same meaning. */
export function AlertStateBadge({ state }: { state: AlertState }) {
  return <Badge look={LOOKS[state]}>{state}</Badge>;
}
