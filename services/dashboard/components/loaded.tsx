// SPDX-License-Identifier: GPL-2.0-or-later
import type { ReactNode } from 'react';
import { FailureNotice } from './error-notice.js';
import './loaded.css';

interface LoadedProps<T> {
  query: { readonly data: T | undefined; readonly isError: boolean; readonly error: unknown };
  /** Height in px that is reserved while loading, so that the page does not jump. */
  height: number;
  children: (data: T) => ReactNode;
}

/**
 * Shows a query's data, a placeholder while it loads, or its error. Known data stays while the
 * query is refetched.
 */
export function Loaded<T>({ query, height, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <FailureNotice error={query.error} />;
  return (
    <div className="placeholder" style={{ minHeight: height }} role="status">
      Loading …
    </div>
  );
}
