// SPDX-License-Identifier: GPL-2.0-or-later
import { lackingWorker, type Needs, type Offer } from '#domain/requirements.js';

const needs: Needs = {
  target: 'x86_64-softmmu',
  labels: [],
  capabilities: [],
  cores: 1,
  built: false,
};
const worker: Offer = {
  role: 'both',
  targets: ['x86_64-softmmu'],
  labels: [],
  capabilities: [],
  cores: 2,
};

test.each<[string, Partial<Needs>, Partial<Offer>[], string | null]>([
  ['every worker can run a job without requirements', {}, [{}], null],
  ['an empty fleet is reported as such', {}, [], 'no worker runs'],
  [
    'one worker with all requirements suffices',
    { labels: ['quiet'], capabilities: ['perf'], cores: 2 },
    [{}, { labels: ['quiet', 'new'], capabilities: ['perf'] }],
    null,
  ],
  [
    'requirements that every worker lacks are named',
    { labels: ['quiet'], capabilities: ['kvm'], cores: 8 },
    [{}, { labels: ['quiet'] }],
    'no worker has kvm, 8 CPUs to measure on',
  ],
  [
    'a target that no worker builds is named',
    { target: 'aarch64-softmmu' },
    [{}],
    'no worker has target aarch64-softmmu',
  ],
  [
    'two workers with a part each do not suffice',
    { labels: ['quiet'], capabilities: ['perf'] },
    [{ labels: ['quiet'] }, { capabilities: ['perf'] }],
    'no worker has all of perf, label quiet',
  ],
  [
    'a build worker and a measuring worker suffice together, and only the latter needs the labels',
    { labels: ['quiet'] },
    [{ role: 'build' }, { role: 'measure', labels: ['quiet'] }],
    null,
  ],
  [
    'a label of a build worker does not count',
    { labels: ['quiet'] },
    [{ role: 'build', labels: ['quiet'] }, { role: 'measure' }],
    'no worker has label quiet',
  ],
  [
    'measuring workers alone do not build',
    {},
    [{ role: 'measure' }],
    'no worker builds it (the workers that could measure it have the role "measure")',
  ],
  ['a built job needs no build worker', { built: true }, [{ role: 'measure' }], null],
  [
    'build workers alone do not measure',
    {},
    [{ role: 'build' }],
    'no worker measures (all have the role "build")',
  ],
])('%s', (_, wanted, workers, expected) => {
  expect(
    lackingWorker(
      { ...needs, ...wanted },
      workers.map((offer) => ({ ...worker, ...offer })),
    ),
  ).toBe(expected);
});
