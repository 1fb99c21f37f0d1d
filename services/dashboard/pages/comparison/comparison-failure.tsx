import { ApiError } from '../../http/client.js';
import { FailureNotice } from '../../parts/error-notice.js';
import { FIRST_METRIC, type Choice } from './choice.js';

/** Why there is no comparison, and the way on where there is one. */
export function ComparisonFailure({
  error,
  onChoice,
}: {
  error: Error;
  onChoice: (change: Partial<Choice>) => void;
}) {
  const code = error instanceof ApiError ? error.body.code : null;
  return (
    <>
      <FailureNotice error={error} />
      {code === 'MIXED_HOSTS' && (
        <p>
          <button type="button" onClick={() => onChoice({ mixedHosts: true })}>
            Compare them all the same
          </button>
        </p>
      )}
      {code === 'UNKNOWN_METRIC' && (
        <p>
          <button type="button" onClick={() => onChoice({ metric: FIRST_METRIC })}>
            Show wall time
          </button>
        </p>
      )}
    </>
  );
}
