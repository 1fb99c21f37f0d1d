import type { ErrorBody, ErrorKind } from '../../contract/error.js';
import { ApiError } from '../http/client.js';
import './error-notice.css';

const WHO: Record<ErrorKind, string> = {
  user: 'You can put this right: the request or the uploaded code is the cause.',
  workload:
    'The author of the workload or instrumentation must act: the run did not do what was expected.',
  infra:
    'The operator of this service must act: the machine or something that it depends on failed.',
  bug: 'This is a bug of qibench. Please report it with the code and the job.',
};

/** An error of the catalogue: what happened, who must act, and the compiler's lines or the broken rules. */
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

/** Whatever a query threw. */
export function FailureNotice({ error }: { error: unknown }) {
  const body: ErrorBody =
    error instanceof ApiError
      ? error.body
      : { code: 'DASHBOARD', kind: 'bug', message: String(error), details: [] };
  return <ErrorNotice error={body} />;
}
