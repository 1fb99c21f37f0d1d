// SPDX-License-Identifier: GPL-2.0-or-later
import { vcpusOf } from '#domain/vcpus.js';

test.each<[string[], number | null]>([
  [[], null],
  [['-m', '1G'], null],
  [['-smp', '4'], 4],
  [['--smp', '4'], 4],
  [['-smp', 'cpus=3'], 3],
  [['-smp', '2,maxcpus=8'], 2],
  [['-smp', 'sockets=2,cores=3,threads=2'], 12],
  [['-smp', 'cpus=2,cores=4,maxcpus=4'], 2],
  [['-smp', '4', '-smp', '1'], 1],
  [['-smp'], null],
  [['-smp', 'many'], null],
  [['-smp', 'maxcpus=8'], null],
])('the arguments %j ask for %s virtual CPUs', (words, cpus) => {
  expect(vcpusOf(words)).toBe(cpus);
});
