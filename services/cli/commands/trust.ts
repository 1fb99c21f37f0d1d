// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import { GithubEvent, type Trust, type TrustList } from '#contract/trust.js';
import type { Context } from '../context.js';

/** Adds the commands of `trust`, for administrators. */
export function trustCommands(program: Command, { client, print }: Context): void {
  const trust = program
    .command('trust')
    .description('manage the GitHub repositories whose workflows get tokens of a project');
  trust
    .command('add')
    .description('trust a repository')
    .requiredOption('--project <name>', 'project of the jobs that its workflows may submit')
    .requiredOption('--repository-id <number>', 'its id, from: gh api repos/OWNER/NAME --jq .id')
    .option('--repository <owner/name>', 'its name, for display')
    .option('--ref <glob>', 'only from these refs, like refs/heads/main')
    .option(
      '--event <events>',
      `only on these events, separated by commas: ${GithubEvent.options.join(', ')}; ` +
        'default: push,pull_request',
    )
    .action(async ({ event, ...options }: Record<string, string>) => {
      const added = await client().post<Trust>('/v1/trusts', {
        ...options,
        ...(event === undefined ? {} : { events: event.split(',') }),
      });
      print(added, () => trustLine(added));
    });
  trust
    .command('list')
    .description('list all trusted repositories')
    .action(async () => {
      const { trusts } = await client().get<TrustList>('/v1/trusts');
      print(trusts, () => trusts.map(trustLine).join('\n'));
    });
  trust
    .command('remove <id>')
    .description('stop trusting a repository')
    .action(async (id: string) => {
      const removed = await client().delete<Trust>(`/v1/trusts/${encodeURIComponent(id)}`);
      print(removed, () => trustLine(removed));
    });
}

const trustLine = ({ id, project, repositoryId, repository, ref, events }: Trust): string =>
  printable(`${id}  ${project}  ${repositoryId} ${repository ?? ''}  ${ref}  ${events.join(',')}`);
