// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Alert, AlertChange, AlertState } from '#contract/history.js';
import { send } from '../../http/client.js';
import { Field } from '../../components/field.js';
import { errorsAt, OtherErrors } from './field-errors.js';

const STATES: Record<AlertState, string> = {
  acknowledged: 'acknowledged: the shift is real and known',
  noise: 'noise: not a real shift',
  fixed: 'fixed: it was real and is gone',
  open: 'open: needs attention',
};

/** Form for an alert's state and the reason of it. */
export function AlertForm({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const queries = useQueryClient();
  const [state, setState] = useState<AlertState>(
    alert.state === 'open' ? 'acknowledged' : alert.state,
  );
  const [reason, setReason] = useState(alert.reason ?? '');
  const save = useMutation({
    mutationFn: (body: AlertChange) => send<Alert>('PATCH', `/v1/alerts/${alert.id}`, body),
    async onSuccess() {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['alerts'] }),
        queries.invalidateQueries({ queryKey: ['history'] }),
      ]);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ state, reason });
  };
  return (
    <form
      className="inline-form"
      onSubmit={submit}
      aria-label={`State of the alert at ${alert.commit ?? alert.id}`}
    >
      <Field label="State" errors={errorsAt(save.error, 'state')}>
        {(control) => (
          <select
            {...control}
            value={state}
            onChange={({ target }) => setState(target.value as AlertState)}
          >
            {Object.entries(STATES).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Reason" errors={errorsAt(save.error, 'reason')} className="grow">
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
        <button type="submit" className="primary" disabled={save.isPending}>
          Save
        </button>
        <button type="button" onClick={onDone}>
          Close
        </button>
      </div>
      <OtherErrors error={save.error} fields={['state', 'reason']} />
    </form>
  );
}
