// SPDX-License-Identifier: GPL-2.0-or-later
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Trace } from '#contract/trace.js';
import { parseTraceTime } from '#contract/trace-time.js';
import { useSettled } from '../../components/use-settled.js';
import { limitedView, type View } from './time-axis.js';
import { originOf } from './trace-times.js';
import { useAddress, type AddressChanges } from './use-address.js';

/** Milliseconds without a change after which the address stores a view. */
const SETTLED_MS = 300;

/** Returns the part of the time that the address stores; the whole time without one. */
export function useStoredView(trace: Trace, spanNs: number): View {
  const [search] = useAddress();
  const [from, to] = [search.get('from'), search.get('to')];
  return useMemo(() => {
    const fromNs = timeOf(from, trace) ?? 0;
    const toNs = timeOf(to, trace) ?? spanNs;
    return limitedView(toNs < fromNs ? { fromNs: 0, toNs: spanNs } : { fromNs, toNs }, spanNs);
  }, [from, to, trace, spanNs]);
}

/** Returns the cursor that the address stores, in ns from the first record; null without one. */
export function useCursor(trace: Trace): [number | null, (atNs: number) => void] {
  const [search, change] = useAddress();
  const setCursor = useCallback((atNs: number) => change({ at: timeParameter(atNs) }), [change]);
  return [timeOf(search.get('at'), trace), setCursor];
}

/**
 * Returns the part of the time in view and a function that changes it. The address stores a view
 * once it rests, and another address replaces the view.
 */
export function useView(
  trace: Trace,
  spanNs: number,
): [View, (change: (view: View) => View) => void] {
  const [, changeAddress] = useAddress();
  const stored = useStoredView(trace, spanNs);
  const [moved, setMoved] = useState({ stored, view: stored });
  // Several changes can come between two renders, so each continues from the last one.
  const latest = useRef(moved);
  useLayoutEffect(() => {
    latest.current = { stored, view: stored };
  }, [stored]);
  const change = useCallback(
    (next: (view: View) => View) => {
      const { stored, view } = latest.current;
      latest.current = { stored, view: limitedView(next(view), spanNs) };
      setMoved(latest.current);
    },
    [spanNs],
  );
  const settled = useSettled(moved, SETTLED_MS);
  useEffect(() => {
    if (settled === moved && settled.stored === stored && settled.view !== stored)
      changeAddress(viewParameters(settled.view, spanNs));
  }, [settled, moved, stored, spanNs, changeAddress]);
  return [moved.stored === stored ? moved.view : stored, change];
}

/** Returns the parameters of a view; the whole time needs none. */
function viewParameters({ fromNs, toNs }: View, spanNs: number): AddressChanges {
  const [from, to] = [Math.round(fromNs), Math.round(toNs)];
  return from <= 0 && to >= spanNs
    ? { from: null, to: null }
    : { from: timeParameter(from), to: timeParameter(to) };
}

export const timeParameter = (ns: number): string => `${Math.max(0, Math.round(ns))}ns`;

function timeOf(text: string | null, trace: Trace): number | null {
  const atNs = text === null ? null : parseTraceTime(text, trace);
  return typeof atNs === 'bigint' ? Number(atNs - originOf(trace)) : null;
}
