// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { printable } from '#client/printable.js';
import { Scope, type NewToken, type Token, type TokenList } from '#contract/token.js';
import type { Context } from '../context.js';
import { wholeNumber } from '../whole-number.js';

const DAY_MS = 86_400_000;

/** Adds the commands of `token`, for administrators. */
export function tokenCommands(program: Command, { client, print }: Context): void {
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
      new Option('--days <days>', 'days until it expires; default: never').argParser(
        wholeNumber(1, 9_999),
      ),
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
