// SPDX-License-Identifier: GPL-2.0-or-later
import { ApiError } from '../../http/client.js';
import { FailureNotice } from '../../components/error-notice.js';

/** Returns the service's messages for a field of a form. */
export function errorsAt(error: unknown, field: string): string[] {
  return error instanceof ApiError
    ? error.body.details.filter(({ path }) => path === field).map(({ message }) => message)
    : [];
}

/** Shows an error unless the fields show all of it. */
export function OtherErrors({ error, fields }: { error: unknown; fields: readonly string[] }) {
  if (
    error === null ||
    (error instanceof ApiError &&
      error.body.details.length > 0 &&
      error.body.details.every(({ path }) => fields.includes(path)))
  )
    return null;
  return <FailureNotice error={error} />;
}
