// SPDX-License-Identifier: GPL-2.0-or-later
import { JobRequest } from '#contract/job.js';
import { planJob } from '#domain/plan.js';
import { buildsOf } from '#domain/recipe.js';
import { resolvedRequest } from '#domain/resolved-request.js';
import { CATALOGUE, planRequest } from '#support/plan-request.js';

const QEMU = { version: '7.2', target: 'x86_64-softmmu' } as const;
const LTO = ['--enable-lto'];
const plan = (changes: object) => planJob(planRequest(changes), CATALOGUE, 1);

test.each<[string, object, string[] | undefined]>([
  ['the options of head', { patches: null }, LTO],
  ['its own options', { configure: ['--cc=clang'] }, ['--cc=clang']],
  ['no options', { configure: [] }, undefined],
])('a base side has %s for configure', (_, baseline, configure) => {
  const { head, base } = plan({ qemu: { ...QEMU, configure: LTO }, baseline }).sides!;

  expect(head.qemu.configure).toEqual(LTO);
  expect(base!.qemu.configure).toEqual(configure);
});

test('a job without options has none in its plan, so that its builds keep their keys', () => {
  expect(plan({ qemu: QEMU }).sides!.head.qemu).toEqual({ ...QEMU, patches: null });
});

test('other options are another build', () => {
  const { sides, variants } = plan({
    qemu: { ...QEMU, configure: LTO },
    variants: ['none'],
    baseline: { configure: [] },
  });

  expect(buildsOf(sides!, variants).builds).toBe(2);
});

test('a bundle has the options of both sides', () => {
  const request = planRequest({ qemu: { ...QEMU, configure: LTO }, baseline: { configure: [] } });
  const first = planJob(request, CATALOGUE, 1);

  const resolved = JobRequest.parse(resolvedRequest({ plan: first, request }));

  expect(resolved.qemu.configure).toEqual(LTO);
  expect(planJob(resolved, CATALOGUE, 1).sides).toEqual(first.sides);
});
