import { lackingWorker, type Needs, type Offer } from '../../../services/domain/requirements.js';

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
  ['a job that needs nothing is for every worker', {}, [{}], null],
  ['without a worker nobody is there', {}, [], 'no worker runs'],
  [
    'one that has everything is enough',
    { labels: ['quiet'], capabilities: ['perf'], cores: 2 },
    [{}, { labels: ['quiet', 'new'], capabilities: ['perf'] }],
    null,
  ],
  [
    'what nobody has is named',
    { labels: ['quiet'], capabilities: ['kvm'], cores: 8 },
    [{}, { labels: ['quiet'] }],
    'no worker has kvm, 8 CPUs to measure on',
  ],
  [
    'a target that nobody builds is named',
    { target: 'aarch64-softmmu' },
    [{}],
    'no worker has target aarch64-softmmu',
  ],
  [
    'it is not enough that each has a part',
    { labels: ['quiet'], capabilities: ['perf'] },
    [{ labels: ['quiet'] }, { capabilities: ['perf'] }],
    'no worker has all of perf, label quiet',
  ],
  [
    'a build worker and a measuring one do it together; only the latter needs the labels',
    { labels: ['quiet'] },
    [{ role: 'build' }, { role: 'measure', labels: ['quiet'] }],
    null,
  ],
  [
    'a label of a build worker is no use',
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
  ['what is built needs no builder', { built: true }, [{ role: 'measure' }], null],
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
