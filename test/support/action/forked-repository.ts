// SPDX-License-Identifier: GPL-2.0-or-later
import type { Settings } from '#action/settings.js';
import { TestRepository } from './repository.js';

/** A job file for the folder `code`. */
export const JOB =
  'name: j\nqemu: { version: "7.2", target: x86_64-softmmu }\nevents: [e]\ninstrumentation: ' +
  'code\nvariants: [none, dynamic]\nworkloads: [{ name: port-io }]\n';
/** A job file without instrumentation, for a fork of QEMU. */
const QEMU_JOB = JOB.replace('events: [e]\ninstrumentation: code\n', '').replace(', dynamic', '');

/** Returns settings of the Action that differ from its defaults by `details`. */
export const actionSettings = (details: Partial<Settings> = {}) =>
  ({
    jobFile: '.qibench.yaml',
    instrumentation: null,
    repository: 'instrumentation',
    base: 'merge-base',
    project: null,
    packFolder: '',
    ...details,
  }) as Settings;

/**
 * Creates a repository whose branch `topic` has two commits after its fork point, as `main` has
 * one. Sixty empty commits come before, so that a shallow clone lacks the first one.
 */
export function forkedRepository(): { repository: TestRepository; base: string; head: string } {
  const repository = new TestRepository();
  repository
    .write('.qibench.yaml', JOB)
    .write('code/instrument.c', 'int a;\n')
    .write('qemu.yaml', QEMU_JOB)
    .commit('first');
  for (let index = 0; index < 60; index++)
    repository.git('commit', '-q', '--allow-empty', '-m', `empty ${index}`);
  const base = repository.commitEmpty('fork point');
  repository.git('switch', '-q', '-c', 'topic');
  repository
    .write('code/instrument.c', 'int b;\n')
    .write('code/.hidden', 'x')
    .write('code/sub/a.h', 'y')
    .commit('one: [PATCH] äöü / ../..');
  const head = repository.write('README', 'z').commit('two');
  repository.git('switch', '-q', 'main');
  repository.write('other', 'newer').commit('main goes on');
  return { repository, base, head };
}
