// SPDX-License-Identifier: GPL-2.0-or-later
import { ApiError } from '../../http/client.js';
import { FailureNotice } from '../../components/error-notice.js';
import { FIRST_METRIC, type Choice } from './choice.js';

/** Shows why the comparison failed, and the button that helps, if any. */
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
            Compare anyway
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
