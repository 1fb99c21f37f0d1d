// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run settings`: writes the table of docs/operating.md from the schemas of the processes.
import { readFileSync, writeFileSync } from 'node:fs';
import { API_SETTINGS } from '#api/settings.js';
import { COMMAND_SETTINGS } from '#cli/settings.js';
import type { Setting } from '#contract/settings.js';
import { WORKER_SETTINGS } from '#worker/settings.js';

const FILE = 'docs/operating.md';
const TABLE = /^\| setting \| of \|.*\n(?:\|.*\n)+/m;

type Schema = Readonly<Record<string, Setting<unknown>>>;

/** Returns the table of all settings in Markdown. */
export function settingsTable(): string {
  const [api, worker, command]: Schema[] = [API_SETTINGS, WORKER_SETTINGS, COMMAND_SETTINGS];
  const rows = (readers: string, schema: Schema, shown: (name: string) => boolean) =>
    Object.entries(schema)
      .filter(([name]) => shown(name))
      .map(
        ([name, { meaning, shownDefault }]) =>
          `| \`${name}\` | ${readers} | ${meaning} | ${shownDefault ?? 'required'} |`,
      );
  return [
    '| setting | of | meaning | default |',
    '|---|---|---|---|',
    ...rows('API, worker', api!, (name) => name in worker!),
    ...rows('API', api!, (name) => !(name in worker!)),
    ...rows('worker', worker!, (name) => !(name in api!)),
    ...rows('command', command!, (name) => command![name] !== api![name]),
    '',
  ].join('\n');
}

/** Returns a document with the table replaced. */
export function withTable(document: string): string {
  return document.replace(TABLE, () => settingsTable());
}

if (process.argv[1]?.endsWith('tools/settings.js'))
  writeFileSync(FILE, withTable(readFileSync(FILE, 'utf8')));
