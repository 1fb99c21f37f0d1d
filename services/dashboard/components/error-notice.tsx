// SPDX-License-Identifier: GPL-2.0-or-later
import type { ErrorBody, ErrorKind } from '#contract/error.js';
import { ApiError } from '../http/client.js';
import './error-notice.css';

const WHO: Record<ErrorKind, string> = {
  user: 'You can fix this: the request or the uploaded code is the cause.',
  workload:
    'The author of the workload or instrumentation must act: the run did not behave as expected.',
  infra:
    'The operator of this service must act: the machine or something that it depends on failed.',
  bug: 'This is a bug of qibench. Please report it with the code and the job.',
};

/**
 * Shows an error of the catalogue: its message, who must act, and details such as compiler output
 * or broken rules.
 */
export function ErrorNotice({ error }: { error: ErrorBody }) {
  return (
    <section className="notice worse" role="alert">
      <div className="row">
        <strong className="mono">{error.code}</strong>
        <span className="badge worse">{error.kind}</span>
      </div>
      <p className="break">{error.message}</p>
      <p className="soft">{WHO[error.kind]}</p>
      {error.details.length > 0 && (
        <pre tabIndex={0} aria-label="Details">
          {error.details.map(({ path, message }) => `${path}: ${message}`).join('\n')}
        </pre>
      )}
    </section>
  );
}

/** Shows an error that a query threw. */
export function FailureNotice({ error }: { error: unknown }) {
  const body: ErrorBody =
    error instanceof ApiError
      ? error.body
      : { code: 'DASHBOARD', kind: 'bug', message: String(error), details: [] };
  return <ErrorNotice error={body} />;
}
