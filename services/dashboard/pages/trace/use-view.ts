// SPDX-License-Identifier: GPL-2.0-or-later
import { useCallback, useState } from 'react';
import { within, type View } from './time-axis.js';

/** Returns the part of the time in view and a function that changes it. */
export function useView(spanNs: number): [View, (change: (view: View) => View) => void] {
  const [view, setView] = useState<View>({ fromNs: 0, toNs: spanNs });
  const change = useCallback(
    (next: (view: View) => View) => setView((now) => within(next(now), spanNs)),
    [spanNs],
  );
  return [within(view, spanNs), change];
}
