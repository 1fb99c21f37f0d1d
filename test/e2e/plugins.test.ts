// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import type { Sample } from '#contract/sample.js';
import { median } from '#statistics/median.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

/** Counts blocks by callback, like the plugin bb, and reports its arguments. */
const BLOCKS = `#include <inttypes.h>
#include <glib.h>
#include <qemu-plugin.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static uint64_t blocks;
static int arguments;

static void executed(unsigned int cpu, void *data)
{
    __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void ends(qemu_plugin_id_t id, void *data)
{
    g_autofree char *text = g_strdup_printf("QIBENCH events.blocks=%" PRIu64 " count\\n"
                                            "QIBENCH uploaded.arguments=%d count\\n",
                                            blocks, arguments);
    qemu_plugin_outs(text);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    arguments = argc;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ends, NULL);
    return 0;
}
`;
const MAKEFILE =
  'plugin.so: blocks.c\n\tcc -shared -fPIC -I$(QEMU_PATH)/include -o $@ $< `pkg-config ' +
  '--cflags --libs glib-2.0`\n';

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 120_000);
afterAll(() => service.stop(), 120_000);

const usual = {
  name: 'plugins',
  qemu: { version: '7.2', target: 'x86_64-linux-user' },
  workloads: [{ name: 'matmult', parameters: { size: 64 } }],
  blocks: 6,
};
const plugin = (name: string, digest: string, ...args: string[]) => ({
  mode: 'plugin',
  name,
  plugin: digest,
  arguments: args,
});
const upload = async (...files: { path: string; content: string }[]) =>
  (await uploadFiles(service.client, files)).digest;

test(
  'plugins count guest activity identically by callback, inline and in uploaded code, with a ' +
    'known cost per callback',
  async () => {
    const uploaded = await upload({ path: 'blocks.c', content: BLOCKS });
    const made = await upload(
      { path: 'blocks.c', content: BLOCKS },
      { path: 'Makefile', content: MAKEFILE },
    );
    const variants = [
      'none',
      plugin('insn', 'insn'),
      plugin('insn-inline', 'insn', 'inline=on'),
      plugin('mem', 'mem', 'callback=on'),
      plugin('mem-inline', 'mem', 'inline=on'),
      plugin('bb', 'bb'),
      plugin('bb-inline', 'bb', 'inline=on'),
      plugin('uploaded', uploaded, 'one=1', 'two=2'),
      plugin('made', made),
      plugin('hotblocks', 'hotblocks'),
    ];
    const job = await service.finish({ ...usual, variants });

    expect(job.error).toBeNull();
    const { samples } = await service.client.get<{ samples: Sample[] }>(
      `/v1/jobs/${job.id}/samples`,
    );
    const samplesOf = (variant: string) =>
      samples.filter((sample) => sample.variant === variant && sample.size === 'full');
    // Every run has its own place of the stack: a text of the environment may cross a page, and the
    // guest's C library then takes some other blocks. Most runs are equal, the others nearly.
    const count = (variant: string, event: string) => {
      const counts = samplesOf(variant).map(({ events }) => Number(events![event]));
      const usual = median(counts);
      expect(counts.filter((value) => value === usual).length).toBeGreaterThan(counts.length / 2);
      for (const value of counts) expect(Math.abs(value / usual - 1)).toBeLessThan(1e-4);
      return usual;
    };
    const [instructions, accesses, blocks] = [
      count('insn', 'plugin.insns'),
      count('mem', 'plugin.mem-accesses'),
      count('bb', 'plugin.blocks'),
    ];
    // The inner loop alone has per step two loads, a handful of instructions and a block.
    expect(blocks).toBeGreaterThan(64 ** 3);
    expect(accesses).toBeGreaterThan(2 * 64 ** 3);
    expect(instructions).toBeGreaterThan(accesses);
    expect(instructions).toBeLessThan(100 * 64 ** 3);
    expect([
      count('insn-inline', 'plugin.insns'),
      count('mem-inline', 'plugin.mem-accesses'),
    ]).toEqual([instructions, accesses]);
    expect([
      count('bb-inline', 'plugin.blocks'),
      count('uploaded', 'blocks'),
      count('made', 'blocks'),
    ]).toEqual([blocks, blocks, blocks]);
    const metric = (variant: string, name: string) =>
      samplesOf(variant)[0]!.metrics.find((candidate) => candidate.name === name)?.value;
    // bb adds all instructions of a block at its entry; an exception may end the block earlier.
    expect(metric('bb', 'plugin.insns')! - instructions).toBeGreaterThanOrEqual(0);
    expect(metric('bb', 'plugin.insns')! - instructions).toBeLessThan(100);
    expect([
      metric('uploaded', 'uploaded.arguments'),
      metric('made', 'uploaded.arguments'),
    ]).toEqual([2, 0]);
    expect(metric('hotblocks', 'plugin.blocks-translated')).toBeGreaterThan(100);
    expect(samplesOf('hotblocks')[0]!.events).toBeNull();

    const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
    expect(new Set(builds.map(({ key }) => key)).size).toBe(1); // the binary of none
    const { rows } = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    const row = (variant: string) => rows.find((candidate) => candidate.variant === variant)!;
    expect(row('insn')).toMatchObject({
      events: String(instructions),
      cost: { perEventNs: { value: expect.any(Number) } },
    });
    expect(row('insn').cost!.perEventNs!.value).toBeGreaterThan(0);
    expect(row('hotblocks')).toMatchObject({ events: null, cost: { perEventNs: null } });
  },
  BUILD_LIMIT_MS,
);

test(
  "an uploaded plugin that does not compile is the user's error, with file, line and message",
  async () => {
    const broken = await upload({
      path: 'blocks.c',
      content: '#include <qemu-plugin.h>\nint broken(\n',
    });

    const job = await service.finish({ ...usual, variants: ['none', plugin('mine', broken)] });

    expect(job.error).toMatchObject({
      code: 'COMPILE_FAILED',
      kind: 'user',
      message: expect.stringContaining('the plugin of variant mine does not compile: blocks.c:'),
    });
    expect(job.error!.details[0]!.path).toMatch(/^blocks\.c:\d+$/);
  },
  BUILD_LIMIT_MS,
);

test(
  "a Makefile without a plugin, or a plugin that uses the network during its build, is the user's error",
  async () => {
    const nothing = await upload({ path: 'Makefile', content: 'all:\n' });
    const curious = await upload({
      path: 'Makefile',
      content: 'all:\n\t@echo "x.c:1: error: $$(ls /sys/class/net)" >&2; false\n',
    });

    const [silent, refused] = [
      await service.finish({ ...usual, variants: [plugin('mine', nothing)] }),
      await service.finish({ ...usual, variants: [plugin('mine', curious)] }),
    ];

    expect(silent.error).toMatchObject({ code: 'PLUGIN_MISSING_OUTPUT', kind: 'user' });
    expect(refused.error).toMatchObject({
      code: 'COMPILE_FAILED',
      details: [{ path: 'x.c:1', message: 'lo' }, { path: 'Makefile:2' }],
    });
  },
  BUILD_LIMIT_MS,
);

test(
  "an unknown argument of a QEMU plugin fails with QEMU's message, and a missing upload is refused",
  async () => {
    const job = await service.finish({
      ...usual,
      variants: [plugin('mine', 'insn', 'outline=on')],
    });

    expect(job.error).toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining('option parsing failed: outline=on'),
    });
    await expect(
      service.client.post('/v1/jobs', {
        ...usual,
        variants: [plugin('mine', `sha256:${'0'.repeat(64)}`)],
      }),
    ).rejects.toThrow('variants.0.plugin: no upload has the digest');
  },
  BUILD_LIMIT_MS,
);
