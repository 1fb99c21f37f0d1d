// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Session } from '#contract/token.js';
import { send } from '../http/client.js';
import { setSignedOut } from '../http/session.js';
import { FailureNotice } from './error-notice.js';
import { useTitle } from './title.js';

/**
 * Replaces the page while the service requires a token. The form sends the token once; afterwards a
 * cookie that scripts cannot read represents it.
 */
export function SignIn() {
  useTitle('Sign in');
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const signIn = useMutation({
    mutationFn: () => send<Session>('POST', '/v1/session', { token: token.trim() }),
    onSuccess: () => {
      setToken('');
      setSignedOut(false);
      return queries.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <>
      <h1>Sign in</h1>
      <form className="card" onSubmit={submit}>
        <div className="field">
          <label htmlFor="token">Token</label>
          <input
            id="token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={token}
            onChange={({ target }) => setToken(target.value)}
            aria-describedby="token-help"
          />
          <p id="token-help" className="soft">
            An administrator of this service creates one: <code>qibench token create</code>
          </p>
        </div>
        {signIn.isError && <FailureNotice error={signIn.error} />}
        <div className="row">
          <button type="submit" className="primary" disabled={signIn.isPending}>
            Sign in
          </button>
        </div>
      </form>
    </>
  );
}
