// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '#contract/token.js';
import { get, send } from '../http/client.js';
import { setSignedOut, useSignedOut } from '../http/session.js';

/**
 * Shows the button that signs out, with the subject as its title. Hidden if the service runs
 * without authentication.
 */
export function SignOut() {
  const queries = useQueryClient();
  const signedOut = useSignedOut();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => get<Session>('/v1/session', signal),
    staleTime: Infinity,
  });
  const signOut = useMutation({
    mutationFn: () => send<Session>('DELETE', '/v1/session'),
    onSuccess: () => {
      setSignedOut(true);
      queries.clear();
    },
  });
  if (signedOut || session.data === undefined || session.data.open) return null;
  return (
    <button
      type="button"
      className="plain"
      title={session.data.subject}
      disabled={signOut.isPending}
      onClick={() => signOut.mutate()}
    >
      Sign out
    </button>
  );
}
