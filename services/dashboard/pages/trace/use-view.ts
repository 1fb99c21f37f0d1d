import { useCallback, useEffect, useState } from 'react';
import { within, type View } from './time-axis.js';

/** What part of the time is shown, and how to change it. */
export function useView(spanNs: number): [View, (change: (view: View) => View) => void] {
  const [view, setView] = useState<View>({ fromNs: 0, toNs: spanNs });
  const change = useCallback((next: (view: View) => View) => setView((now) => within(next(now), spanNs)), [spanNs]);
  return [within(view, spanNs), change];
}

/** A value once it has been the same for some time, ms: zooming passes levels that nobody will see. */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
