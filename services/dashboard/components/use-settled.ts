// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useState } from 'react';

/**
 * Returns a value once it has not changed for `afterMs`, so that intermediate input and zoom steps
 * send no requests.
 */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
