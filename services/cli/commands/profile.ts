// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import type { ExplanationList } from '#contract/explanation.js';
import { PROFILE_FORMATS } from '#contract/format.js';
import type { VariantCodeList } from '#contract/machine-code.js';
import type { ProfileList } from '#contract/profile.js';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { listingText, machineCodeText } from '../machine-code-text.js';
import { download } from '../download.js';
import { explanationText, profilesText } from '../explanation-text.js';
import { completeJobId } from '../job-id.js';

/** Adds `why` to the commands of `job`, or to the short forms. */
export function addWhy(parent: Command, { client, print }: Context): void {
  parent
    .command('why <job>')
    .description('explain by its profiles why variants or sides of a job cost more or less')
    .action(async (job: string) => {
      const { explanations } = await client().get<ExplanationList>(
        `${await pathOf(client(), job)}/why`,
      );
      print(explanations, () => explanationText(explanations));
    });
}

/** Adds the commands of `profile`. */
export function profileCommands(program: Command, { client, print }: Context): void {
  const profile = program.command('profile').description('show and save profiles of a job');
  profile
    .command('list <job>')
    .description("list a job's profiles, with the share of each part of the emulator")
    .action(async (job: string) => {
      const { profiles } = await client().get<ProfileList>(
        `${await pathOf(client(), job)}/profiles`,
      );
      print(profiles, () => profilesText(profiles));
    });
  profile
    .command('code <job>')
    .description('show what the compiler made of hot trace points, variant by variant')
    .option('--listing <variant>', 'print the disassembly of this variant of head')
    .action(async (job: string, { listing }: { listing?: string }) => {
      const { variants } = await client().get<VariantCodeList>(
        `${await pathOf(client(), job)}/code`,
      );
      if (listing === undefined) return print(variants, () => machineCodeText(variants));
      const one = variants.filter(({ variant, side }) => variant === listing && side === 'head');
      print(one, () => one.map(listingText).join('\n'));
    });
  profile
    .command('save <job>')
    .description("save a profile in the profiler's own format, or for a viewer of flame graphs")
    .requiredOption('--workload <label>', 'workload of the profiled run')
    .requiredOption('--variant <name>', 'variant of the profiled run')
    .addOption(new Option('--side <side>', 'side').choices(['head', 'base']).default('head'))
    .addOption(
      new Option('--format <format>', 'format').choices(PROFILE_FORMATS).default('callgrind'),
    )
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action(
      async (
        job: string,
        {
          output,
          ...choice
        }: Record<'workload' | 'variant' | 'side' | 'format', string> & {
          output?: string;
        },
      ) => {
        const query = new URLSearchParams(choice);
        await download(client(), `${await pathOf(client(), job)}/profile/export?${query}`, output);
      },
    );
}

const pathOf = async (client: Client, job: string): Promise<string> =>
  `/v1/jobs/${encodeURIComponent(await completeJobId(client, job))}`;
