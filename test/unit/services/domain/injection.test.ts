// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import type { Build } from '#contract/build.js';
import { QibenchError } from '#contract/error.js';
import { JobRequest, type JobPlan } from '#contract/job.js';
import type { Variant } from '#contract/variant.js';
import { planJob } from '#domain/plan.js';
import { readCatalogue } from '#catalogue/catalogue.js';
import { runCommand } from '#worker/measure/command.js';
import { countingRun } from '#worker/measure/run.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const catalogue = await readCatalogue(process.cwd());

const usual = {
  name: 'job',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  instrumentation: DIGEST,
  variants: ['none', 'dynamic'],
  workloads: [{ name: 'port-io' }],
};

/**
 * Options of QEMU and configure that reach files, programs or the network; fragments of shell, sed,
 * ninja and tracetool; paths; property names of every object.
 */
const HOSTILE = [
  '-chardev',
  '-chardev file,id=x,path=/tmp/x',
  '-drive file=/etc/passwd',
  'file=/etc/passwd',
  '-monitor stdio',
  '-monitor',
  '-plugin /x.so',
  'x,-plugin=/x.so',
  '-instr file=/x',
  '-netdev user,id=n',
  '-virtfs local,path=/',
  '-daemonize',
  '--cc=/tmp/cc',
  '--extra-cflags=-fplugin=/x.so',
  '--prefix=/',
  '--python=/tmp/x',
  '-Dtrace_events=/etc/passwd',
  '@/etc/passwd',
  '-specs=/x',
  'fat:/',
  'nbd:localhost',
  'json:{}',
  'a,file=/x',
  'a,b',
  'a\nb',
  'a\rb',
  '$(id)',
  '`id`',
  'a;id',
  'a|id',
  'a&id',
  '${HOME}',
  '$in',
  'a b',
  'a"b',
  "a'b",
  'a\\b',
  's/a/b/e',
  'a(int x)',
  'disable a',
  '#a',
  '%s',
  '../../etc/passwd',
  '/etc/passwd',
  '..',
  '.',
  '',
  ' ',
  '\u0000',
  '\u202e',
  'é',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '::set-output name=a::b',
  '##[add-mask]a',
  'a'.repeat(300),
];

/** Every field of a job that reaches a command, a script or a path. */
const PLACES: Readonly<Record<string, (text: string) => object>> = {
  'an event': (text) => ({ events: [text] }),
  'a version': (text) => ({ qemu: { ...usual.qemu, version: text } }),
  'a target': (text) => ({ qemu: { ...usual.qemu, target: text } }),
  patches: (text) => ({ qemu: { ...usual.qemu, patches: text } }),
  'configure options': (text) => ({ qemu: { ...usual.qemu, configure: [text] } }),
  'an option of QEMU': (text) => ({ qemu: { ...usual.qemu, arguments: [text] } }),
  'a variable of QEMU': (text) => ({ qemu: { ...usual.qemu, environment: { [text]: '' } } }),
  'the value of a variable': (text) => ({ qemu: { ...usual.qemu, environment: { A: text } } }),
  'an instrumentation': (text) => ({ instrumentation: text }),
  "an instrumentation's argument": (text) => ({ arguments: [text] }),
  "a variant's instrumentation": (text) => ({
    variants: ['none', { mode: 'dynamic', instrumentation: text }],
  }),
  "a variant's event": (text) => ({ variants: ['none', { mode: 'dynamic', events: [text] }] }),
  "a variant's parameter": (text) => ({
    variants: ['none', { mode: 'dynamic', parameters: { [text]: 1 } }],
  }),
  'a swept name': (text) => ({ sweep: { [text]: [1, 2] } }),
  'a swept value': (text) => ({ sweep: { smp: [text] } }),
  'what a sweep does': (text) => ({ sweep: text }),
  'the name of a variant': (text) => ({ variants: [{ mode: 'none', name: text }, 'dynamic'] }),
  'a mode': (text) => ({ variants: [text] }),
  'a backend': (text) => ({ variants: [{ mode: 'backend', backend: text }] }),
  'a plugin': (text) => ({ variants: [{ mode: 'plugin', plugin: text }] }),
  'an argument of a plugin': (text) => ({
    variants: ['none', { mode: 'plugin', plugin: 'insn', arguments: [text] }],
  }),
  'the name of an argument': (text) => ({
    variants: ['none', { mode: 'plugin', plugin: 'insn', arguments: [`${text}=on`] }],
  }),
  'the value of an argument': (text) => ({
    variants: ['none', { mode: 'plugin', plugin: 'insn', arguments: [`a=${text}`] }],
  }),
  'a workload': (text) => ({ workloads: [{ name: text }] }),
  'arguments of a workload': (text) => ({ workloads: [{ name: 'port-io', arguments: [text] }] }),
  'a parameter': (text) => ({ workloads: [{ name: 'port-io', parameters: { writes: text } }] }),
  'the name of a parameter': (text) => ({
    workloads: [{ name: 'port-io', parameters: { [text]: 1 } }],
  }),
  "a baseline's version": (text) => ({ baseline: { qemu: { ...usual.qemu, version: text } } }),
  "a baseline's event": (text) => ({ baseline: { events: [text] } }),
  'a project': (text) => ({ project: text }),
  'a branch': (text) => ({ project: 'p', branch: text }),
  'a commit': (text) => ({ project: 'p', commit: text }),
  'a metric of a threshold': (text) => ({ thresholds: [{ metric: text, threshold: 0.1 }] }),
};
/** One line without characters that reverse its direction. */
const oneLine = (text: string) => !/\p{Cc}|\p{Bidi_Control}|\p{Surrogate}/u.test(text);
/** Texts that such a field still accepts: they name nothing else and are not an object's key. */
const PLAIN = /^[A-Za-z]+$/;
const PATH = /^[A-Za-z]+(\/[A-Za-z]+)*$/;
const FREE: Readonly<Record<string, (text: string) => boolean>> = {
  'the name of a variant': (text) => /^[a-z]{1,32}$/.test(text),
  // The sandbox holds what QEMU does with them. They are words of their own and reach no shell.
  'an option of QEMU': oneLine,
  'a variable of QEMU': (text) => /^[A-Za-z]{1,64}$/.test(text) || text === '__proto__',
  'the value of a variable': oneLine,
  // A comma is doubled, so that it stays within the argument.
  "an instrumentation's argument": oneLine,
  // The schema library omits this key.
  "a variant's parameter": (text) => text === '__proto__',
  // The value of one option.
  'a swept value': (text) => /^(?!-)[A-Za-z0-9_.,:=+-]{1,64}$/.test(text),
  'the name of an argument': (text) => PLAIN.test(text) && text.length <= 32 && text !== 'file',
  // The schema library omits this key, and the real parameter keeps its default.
  'the name of a parameter': (text) => text === '__proto__',
  // QEMU reads it whole up to the next comma, and it reaches no shell.
  'the value of an argument': (text) => !/[,\0-\x1f\x7f-\uffff]/.test(text) && text.length <= 128,
  'a project': (text) => PATH.test(text) && text.length <= 100,
  // As git: it reaches no command, script or path (the test of free names below).
  'a branch': (text) => gitAccepts(text) && !/\p{Bidi_Control}/u.test(text),
  'a commit': (text) => PLAIN.test(text) && text.length <= 100,
};

function gitAccepts(branch: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', '--branch', branch], { stdio: 'ignore' });
    return branch.length <= 255;
  } catch {
    return false;
  }
}

function accepted(request: unknown): boolean {
  const parsed = JobRequest.safeParse(request);
  if (!parsed.success) return false;
  try {
    planJob(parsed.data, catalogue, 1);
    return true;
  } catch (error) {
    if (error instanceof QibenchError && error.kind === 'user') return false;
    throw error; // neither accepted nor refused: a bug
  }
}

test('the job in which hostile names are placed is itself accepted', () => {
  expect(accepted(usual)).toBe(true);
});

test.each(Object.entries(PLACES))(
  '%s that would be an option, a command, a path or another key is refused',
  (place, put) => {
    const free = FREE[place] ?? (() => false);

    expect(HOSTILE.filter((text) => !free(text) && accepted({ ...usual, ...put(text) }))).toEqual(
      [],
    );
  },
);

/** Returns the command of a variant's run with the first workload. */
function commandOf(variant: Variant, { workloads }: JobPlan): string[] {
  const [workload] = workloads;
  return runCommand(countingRun(variant, workload!, 0), {
    target: 'x86_64-softmmu',
    definition: catalogue.workloads.find(({ name }) => name === workload!.name)!,
    build: { links: 1 } as Build,
    sizeValue: null,
  });
}

test('free names of a job do not reach a command', () => {
  const request = JobRequest.parse({
    ...usual,
    name: 'MARK -drive file=/etc/passwd ::error::',
    project: 'MARK',
    branch: 'MARK,file=/etc/passwd;$(id)',
    commit: 'MARK',
  });
  const plan = planJob(request, catalogue, 1);
  const commands = plan.variants.map((variant) => commandOf(variant, plan));

  expect(JSON.stringify([plan, commands])).not.toContain('MARK');
});

test("a plugin's argument stays within the one option that names the plugin", () => {
  const plan = planJob(
    JobRequest.parse({
      ...usual,
      variants: [
        'none',
        {
          mode: 'plugin',
          plugin: 'insn',
          arguments: ['match=-drive file=/etc/passwd;$(id)`id`"\'\\'],
        },
      ],
    }),
    catalogue,
    1,
  );
  const command = commandOf(plan.variants[1]!, plan);

  expect(command.filter((argument) => argument.includes('/etc/passwd'))).toEqual([
    'file=/instrumentation/plugin.so,match=-drive file=/etc/passwd;$(id)`id`"\'\\',
  ]);
  expect(command[command.indexOf('-plugin') + 1]).toContain('/etc/passwd');
});

test("an instrumentation's argument stays within the one option that names the library", () => {
  const argument = 'a=b,file=/etc/passwd,,arg=x $(id)';
  const plan = planJob(
    JobRequest.parse({ ...usual, arguments: [argument], variants: ['none', 'dynamic', 'static'] }),
    catalogue,
    1,
  );
  const options = plan.variants.slice(1).map((variant) => {
    const command = commandOf(variant, plan);
    return command.filter((word) => word.includes('/etc/passwd'));
  });

  expect(options).toEqual([
    ['file=/instrumentation/libtrace-instrument.so,arg=a=b,,file=/etc/passwd,,,,arg=x $(id)'],
    ['arg=a=b,,file=/etc/passwd,,,,arg=x $(id)'],
  ]);
});

test.each(['trace', 'instr', 'plugin', 'd', 'D'])(
  'the option %s, which the mode sets, is refused with one dash and two',
  (option) => {
    for (const word of [`-${option}`, `--${option}`])
      for (const place of [
        { qemu: { ...usual.qemu, arguments: ['-m', '64M', word] } },
        { workloads: [{ name: 'port-io', qemu: { arguments: [word] } }] },
        { variants: ['none', { mode: 'dynamic', qemu: { arguments: [word, 'x'] } }] },
      ])
        expect(accepted({ ...usual, ...place })).toBe(false);
  },
);

test('a sweep cannot make such an option of a placeholder', () => {
  const swept = (word: string, value: string) =>
    accepted({
      ...usual,
      qemu: { ...usual.qemu, arguments: [word] },
      sweep: { option: [value] },
    });

  expect(swept('{option}', 'd')).toBe(true);
  for (const [word, value] of [
    ['{option}', '-d'],
    ['-{option}', 'd'],
    ['--{option}', 'trace'],
    ['-tr{option}', 'ace'],
  ] as const)
    expect(swept(word, value)).toBe(false);
});

test.each([
  'QEMU_TRACE',
  'QEMU_INSTR',
  'QEMU_PLUGIN',
  'QEMU_LOG',
  'QEMU_LOG_FILENAME',
  'QIBENCH_PADDING',
])('the variable %s, which stands for such an option, is refused', (name) => {
  expect(accepted({ ...usual, qemu: { ...usual.qemu, environment: { [name]: 'x' } } })).toBe(false);
});
