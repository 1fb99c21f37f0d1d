// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';

const FILES = {
  API: ['services/api/main.ts', 'services/api/settings.ts'],
  worker: [
    'worker/main.ts',
    'worker/settings.ts',
    'worker/engine/registry-settings.ts',
    'worker/host/lock.ts',
  ],
  both: ['services/telemetry/telemetry.ts', 'services/telemetry/log.ts'],
};
const SETTING = /(?<=\b(?:env|environment)\.)[A-Z_]+|(?<=')(?:QIBENCH|OTEL)_[A-Z_]+(?=')/g;

test('docs/operating.md lists every setting of API and worker under its reader, and no others', () => {
  const read = (part: keyof typeof FILES) =>
    new Set(FILES[part].flatMap((file) => readFileSync(file, 'utf8').match(SETTING) ?? []));
  const [api, worker, both] = [read('API'), read('worker'), read('both')];
  const expected = Object.fromEntries(
    [...api, ...worker, ...both].map((name) => [
      name,
      both.has(name) || (api.has(name) && worker.has(name))
        ? 'both'
        : api.has(name)
          ? 'API'
          : 'worker',
    ]),
  );
  const rows = [
    ...readFileSync('docs/operating.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\w+) \|/gm),
  ].map(([, name, part]) => [name!, part!]);

  expect(Object.fromEntries(rows)).toEqual(expected);
  expect(rows).toHaveLength(Object.keys(expected).length);
});
