import { InvalidArgumentError, Option, type Command } from 'commander';
import type { AuditList } from '../contract/audit.js';
import { Scope, type NewToken, type Token, type TokenList } from '../contract/token.js';
import { GithubEvent, type Trust, type TrustList } from '../contract/trust.js';
import type { Client } from './client.js';
import { printable } from '../client/printable.js';

const DAY_MS = 86_400_000;

/** Adds the commands `token`, `trust` and `audit`, for administrators. */
export function accessCommands(
  program: Command,
  client: () => Client,
  print: (value: unknown, text: () => string) => void,
): void {
  const token = program.command('token').description('manage the tokens of the service');
  token
    .command('create')
    .description('create a token; it is shown only once')
    .requiredOption('--name <name>', 'purpose of the token')
    .option('--project <name>', 'limit the token to this project; default: all projects')
    .addOption(
      new Option('--scope <scope...>', 'scopes of the token')
        .choices(Scope.options)
        .default(['jobs:read', 'jobs:write']),
    )
    .addOption(
      new Option('--days <days>', 'days until it expires; default: never').argParser(wholeDays),
    )
    .action(
      async ({
        name,
        project,
        scope,
        days,
      }: {
        name: string;
        project?: string;
        scope: string[];
        days?: number;
      }) => {
        const expiresAt =
          days === undefined ? null : new Date(Date.now() + days * DAY_MS).toISOString();
        const made = await client().post<NewToken>('/v1/tokens', {
          name,
          project: project ?? null,
          scopes: scope,
          expiresAt,
        });
        process.stderr.write(`${tokenLine(made)}\nshown only once; set it as QIBENCH_TOKEN\n`);
        print(made, () => made.token);
      },
    );
  token
    .command('list')
    .description('list all tokens, newest first, without their secrets')
    .action(async () => {
      const { tokens } = await client().get<TokenList>('/v1/tokens');
      print(tokens, () => tokens.map(tokenLine).join('\n'));
    });
  token
    .command('revoke <id>')
    .description('revoke a token')
    .action(async (id: string) => {
      const revoked = await client().delete<Token>(`/v1/tokens/${encodeURIComponent(id)}`);
      print(revoked, () => tokenLine(revoked));
    });

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

  program
    .command('audit')
    .description('list changes and refused requests, newest first')
    .option('--limit <count>', 'number of entries', '100')
    .option('--before <id>', 'only entries older than this one')
    .action(async (options: Record<string, string>) => {
      const { entries } = await client().get<AuditList>(
        `/v1/audit?${new URLSearchParams(options).toString()}`,
      );
      print(entries, () =>
        entries
          .map(({ id, at, subject, action, object, outcome, ip }) =>
            printable(`${id}  ${at}  ${outcome}  ${subject}  ${action}  ${object}  ${ip}`),
          )
          .join('\n'),
      );
    });
}

function wholeDays(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError('Must be a number of days.');
  return Number(value);
}

const tokenLine = ({
  id,
  kind,
  name,
  project,
  scopes,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: Token): string =>
  printable(
    [
      id,
      kind,
      name,
      project ?? '(all projects)',
      scopes.join(','),
      revokedAt === null ? `expires ${expiresAt ?? 'never'}` : `revoked ${revokedAt}`,
      `last used ${lastUsedAt ?? 'never'}`,
    ].join('  '),
  );

const trustLine = ({ id, project, repositoryId, repository, ref, events }: Trust): string =>
  printable(`${id}  ${project}  ${repositoryId} ${repository ?? ''}  ${ref}  ${events.join(',')}`);
