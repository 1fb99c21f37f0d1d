// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Mark } from '#contract/history.js';
import { send } from '../../http/client.js';
import { Field } from '../../components/field.js';
import { errorsAt, OtherErrors } from './field-errors.js';

const FIELDS = ['commit', 'at', 'reason'] as const;

/** Form that marks a known shift, before or after it occurs. */
export function MarkForm({ project, branch }: { project: string; branch: string }) {
  const queries = useQueryClient();
  const [place, setPlace] = useState<'commit' | 'at'>('commit');
  const [commit, setCommit] = useState('');
  const [at, setAt] = useState('');
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: () =>
      send<Mark>('POST', '/v1/marks', {
        project,
        branch,
        reason,
        ...(place === 'commit' ? { commit } : { at: isoOf(at) }),
      }),
    async onSuccess() {
      setCommit('');
      setAt('');
      setReason('');
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['alerts'] }),
        queries.invalidateQueries({ queryKey: ['history'] }),
      ]);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="card" aria-labelledby="add-mark">
      <h2 id="add-mark">Add a mark</h2>
      <p className="soft">
        A mark states that a shift is known, for example a new compiler or another flag. Shifts near
        it, in every series of {branch}, cause no alerts, and open alerts there become acknowledged.
      </p>
      <form className="inline-form" onSubmit={submit} aria-labelledby="add-mark">
        <Field label="At a">
          {(control) => (
            <select
              {...control}
              value={place}
              onChange={({ target }) => setPlace(target.value as 'commit' | 'at')}
            >
              <option value="commit">commit</option>
              <option value="at">time</option>
            </select>
          )}
        </Field>
        {place === 'commit' ? (
          <Field label="Commit" errors={errorsAt(add.error, 'commit')}>
            {(control) => (
              <input
                {...control}
                type="text"
                className="mono"
                value={commit}
                onChange={({ target }) => setCommit(target.value)}
                autoComplete="off"
                spellCheck={false}
              />
            )}
          </Field>
        ) : (
          <Field label="Time" errors={errorsAt(add.error, 'at')}>
            {(control) => (
              <input
                {...control}
                type="datetime-local"
                value={at}
                onChange={({ target }) => setAt(target.value)}
              />
            )}
          </Field>
        )}
        <Field label="Reason of the mark" errors={errorsAt(add.error, 'reason')} className="grow">
          {(control) => (
            <input
              {...control}
              type="text"
              value={reason}
              maxLength={1000}
              onChange={({ target }) => setReason(target.value)}
              autoComplete="off"
            />
          )}
        </Field>
        <div className="form-buttons">
          <button type="submit" className="primary" disabled={add.isPending}>
            Add mark
          </button>
        </div>
        <OtherErrors error={add.error} fields={FIELDS} />
        <p role="status">{add.isSuccess ? `Marked ${add.data.commit ?? add.data.at}.` : ''}</p>
      </form>
    </section>
  );
}

/** Returns an ISO time. Passes on an invalid time, so that the service reports it. */
function isoOf(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? local : date.toISOString();
}
