// SPDX-License-Identifier: GPL-2.0-or-later
import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/**
 * Parameters of the page's address: the trace beside this one, the time in view, the cursor, the
 * lanes, and the filters of the records.
 */
type AddressName =
  'with' | 'from' | 'to' | 'at' | 'lanes' | 'order' | 'event' | 'where' | 'withEvent' | 'withWhere';

/** Changed parameters; null, an empty text or an empty list removes one. */
export type AddressChanges = Partial<Record<AddressName, string | readonly string[] | null>>;

/** Returns the address's parameters, and a function that changes some of them. */
export function useAddress(): [
  URLSearchParams,
  (changes: AddressChanges, options?: { readonly replace: boolean }) => void,
] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (changes: AddressChanges, { replace } = { replace: true }) =>
      setSearch((before) => changed(before, changes), { replace }),
    [setSearch],
  );
  return [search, change];
}

/** Returns the parameters with some changed. */
export function changed(before: URLSearchParams, changes: AddressChanges): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    after.delete(name);
    for (const text of [value ?? []].flat()) if (text !== '') after.append(name, text);
  }
  return after;
}
