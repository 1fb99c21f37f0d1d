// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useState } from 'react';

/**
 * Returns the time in ms since the epoch, and renders again every `everyMs`. Null stops the clock.
 */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
