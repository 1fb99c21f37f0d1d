import { z } from 'zod';

const Sha = z.string().regex(/^[0-9a-f]{40,64}$/);
/** It becomes a part of an address: `..` would lead to another repository. */
const RepositoryName = z.object({ full_name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/) });
/** What is no time compares as neither earlier nor later. */
const Time = z.iso.datetime({ offset: true });

/** Also what the REST API answers for a pull request. */
export const Pull = z.object({
  number: z.number().int().positive(),
  state: z.string(),
  head: z.object({ sha: Sha, repo: z.object({ pushed_at: Time }).nullable() }),
  base: z.object({ sha: Sha }),
});
export type Pull = z.infer<typeof Pull>;

const Labelled = z.object({ action: z.literal('labeled'), label: z.object({ name: z.string() }), pull_request: Pull, repository: RepositoryName });
const Commented = z.object({
  action: z.literal('created'),
  issue: z.object({ number: z.number().int().positive(), pull_request: z.looseObject({}) }),
  comment: z.object({ body: z.string(), author_association: z.enum(['OWNER', 'MEMBER', 'COLLABORATOR']), created_at: Time }),
  repository: RepositoryName,
});

/** What a webhook asks to have measured. A label comes with the pull request as it was; of a comment, what had been pushed by then counts. */
export type Ask = { readonly repository: string; readonly number: number } & ({ readonly pull: Pull } | { readonly commentedAt: string });

/** Null: nothing that concerns us, or of somebody who may not ask. */
export function askOf(event: string | undefined, payload: unknown, label: string): Ask | null {
  if (event === 'pull_request') {
    const parsed = Labelled.safeParse(payload);
    if (!parsed.success || parsed.data.label.name !== label || parsed.data.pull_request.state !== 'open') return null;
    return { repository: parsed.data.repository.full_name, number: parsed.data.pull_request.number, pull: parsed.data.pull_request };
  }
  if (event !== 'issue_comment') return null;
  const parsed = Commented.safeParse(payload);
  if (!parsed.success || !/^\/bench\s*$/m.test(parsed.data.comment.body)) return null;
  return { repository: parsed.data.repository.full_name, number: parsed.data.issue.number, commentedAt: parsed.data.comment.created_at };
}
