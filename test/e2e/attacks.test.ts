// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { uploadFiles } from '#support/upload.js';
import { eventually } from '#support/eventually.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  workloads: [{ name: 'port-io', timeoutSeconds: 20 }],
  blocks: 6,
};

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

const C = (body: string) =>
  `#include <qemu-instr/control.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include ` +
  `<string.h>\n#include <unistd.h>\n#include <fcntl.h>\n#include <sys/stat.h>\nvoid qi_init(int argc, const char ` +
  `**argv) { ${body} }\nvoid qi_fini(void) { }\nvoid qi_event_memory_region_ops_write(void) ` +
  `{ }\n`;

async function run(name: string, files: Record<string, string>, mode = 'dynamic') {
  const { digest } = await uploadFiles(
    service.client,
    Object.entries(files).map(([path, content]) => ({ path, content })),
  );
  const job = await service.finish({ ...usual, name, instrumentation: digest, variants: [mode] });
  const left = (command: string[]) =>
    execFileSync('docker', [...command, '--filter', `label=qibench.job=${job.id}`], {
      encoding: 'utf8',
    });
  // The worker removes them after it has reported the end.
  await eventually(() => expect(left(['ps', '-aq']) + left(['volume', 'ls', '-q'])).toBe(''));
  return job;
}

test(
  'compiler output with NUL and half a character fails the job, not the worker',
  async () => {
    const job = await run('nul', {
      'instrument.c': 'int x;\n',
      Makefile:
        "all:\n\t@printf 'instrument.c:1: error: a\\0b\\360\\237\\n' >&2; printf '[1/1]\\n[2/2]\\n'; false\n",
    });

    expect(job).toMatchObject({
      state: 'failed',
      error: {
        code: 'COMPILE_FAILED',
        kind: 'user',
        details: [{ path: 'instrument.c:1', message: 'a\u{fffd}b\u{fffd}' }, expect.anything()],
      },
    });
  },
  BUILD_LIMIT_MS,
);

test.each<[string, string, string, string?]>([
  [
    'metrics without end',
    'for (int i = 0; i < 20000; i++) printf("QIBENCH m%d=1 ns\\n", i); fflush(stdout);',
    'TOO_MANY_METRICS',
  ],
  ['the end of the runner', 'kill(1, 9); kill(1, 15); raise(9);', 'RUN_FAILED', 'signal 9'],
  ['memory without end', 'for (;;) memset(malloc(1 << 24), 1, 1 << 24);', 'RUN_OUT_OF_MEMORY'],
  [
    "output as the runner's, with control characters",
    'printf("\\033[2J::set-output ' +
      'name=x::y\\n{\\"schema\\":\\"qibench.run/2\\",\\"wallNs\\":\\"1\\"}\\n%c", 0); ' +
      'fflush(stdout); int fd = open("/proc/1/fd/1", O_WRONLY); if (fd >= 0) { write(fd, ' +
      '"{}\\n", 3); exit(0); } _exit(7);',
    'RUN_FAILED',
    'exit status 7',
  ],
])(
  'code in QEMU that makes %s fails with the matching error',
  async (name, body, code, reason = '') => {
    const job = await run(name, {
      'instrument.c': C(body).replace('<stdio.h>', '<stdio.h>\n#include <signal.h>'),
    });

    expect(job).toMatchObject({ state: 'failed', error: { code, kind: 'workload' } });
    expect(job.error!.message).toContain(reason);
  },
  BUILD_LIMIT_MS,
);

test(
  'files that a static build leaves beside QEMU gain no rights and do not lead out of the sandbox',
  async () => {
    const makefile = (more: string) =>
      `all libtrace-instrument.a: instrument.c\n\tln -sf /etc/shadow /opt/qemu/shadow; cp ` +
      `/bin/sh /opt/qemu/sh; chmod 6777 /opt/qemu/sh; mkfifo /opt/qemu/pipe; ${more}cc -c ` +
      `-fPIE -o i.o $< && ar rcs libtrace-instrument.a i.o\n`;
    const probe =
      'struct stat s; int bad = stat("/opt/qemu/pipe", &s) == 0 || (stat("/opt/qemu/sh", &s) ' +
      '== 0 && (s.st_mode & 07000 || s.st_uid != 0)) || open("/opt/qemu/shadow", O_RDONLY) ' +
      '>= 0; _exit(bad ? 66 : 55);';

    // This Makefile does not have the headers' path.
    const source = C(probe).replace(/#include <qemu-instr.*\n/, '');
    const job = await run('static', { 'instrument.c': source, Makefile: makefile('') }, 'static');
    const broken = await run(
      'broken install',
      { 'instrument.c': source, Makefile: makefile('ln -s / /opt/qemu/bin; ') },
      'static',
    );

    expect(job.error).toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining('exit status 55') as string,
    });
    expect(broken.error).toMatchObject({ code: 'COMPILE_FAILED', kind: 'user' });
  },
  BUILD_LIMIT_MS,
);

test('the API refuses names and arguments that would be options, commands or paths', async () => {
  const hostile = [
    '-instr file=/x',
    'a,file=/x',
    'a\nb',
    '$(id)',
    '`id`',
    '../../etc/passwd',
    'a b',
    '\u0000',
    'a;id',
    '',
  ];
  const places: ((text: string) => object)[] = [
    (text) => ({ events: [text] }),
    (text) => ({ qemu: { version: text, target: 'x86_64-softmmu' } }),
    (text) => ({ qemu: { version: '7.2', target: text } }),
    (text) => ({ qemu: { version: '7.2', target: 'x86_64-softmmu', patches: text } }),
    (text) => ({ qemu: { version: '7.2', target: 'x86_64-softmmu', configure: [text] } }),
    (text) => ({ variants: [{ mode: 'none', name: text }] }),
    (text) => ({ variants: [{ mode: 'plugin', plugin: 'insn', arguments: [text] }] }),
    (text) => ({ variants: [{ mode: 'plugin', plugin: text }] }),
    (text) => ({ workloads: [{ name: text }] }),
    (text) => ({ workloads: [{ name: 'port-io', parameters: { writes: text } }] }),
    (text) => ({ workloads: [{ name: 'port-io', parameters: { [text]: 1 } }] }),
    (text) => ({ instrumentation: text }),
  ];
  for (const place of places) {
    for (const text of hostile)
      await expect(
        service.client.post('/v1/jobs', {
          ...usual,
          name: 'x',
          variants: ['none'],
          ...place(text),
        }),
      ).rejects.toMatchObject({ kind: 'user' });
  }
}, 120_000);

test(
  'an honest job succeeds after all attacks',
  async () => {
    expect(await service.finish({ ...usual, name: 'honest', variants: ['none'] })).toMatchObject({
      state: 'succeeded',
      error: null,
    });
  },
  BUILD_LIMIT_MS,
);
