import type { ReactNode } from 'react';
import { FailureNotice } from './error-notice.js';
import './loaded.css';

interface LoadedProps<T> {
  query: { readonly data: T | undefined; readonly isError: boolean; readonly error: unknown };
  /** Height that is kept while nothing is there yet, so that the page does not jump, in px. */
  height: number;
  children: (data: T) => ReactNode;
}

/** What a query gave; its place while it loads; its error. Data that is there stays while it is fetched again. */
export function Loaded<T>({ query, height, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <FailureNotice error={query.error} />;
  return (
    <div className="placeholder" style={{ minHeight: height }} role="status">
      Loading …
    </div>
  );
}
