// SPDX-License-Identifier: GPL-2.0-or-later
import { planJob } from '#domain/plan.js';
import { uploadsOf } from '#domain/uploads.js';
import { CATALOGUE, planRequest, refusal } from '#support/plan-request.js';

describe('planJob', () => {
  test("accepts plugins, QEMU's own and uploaded ones, without events", () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const variants = [
      'none',
      { mode: 'plugin', plugin: 'insn' },
      { mode: 'plugin', plugin: 'insn', name: 'inline', arguments: ['inline=on'] },
      { mode: 'plugin', plugin: digest },
    ];
    const plan = planJob(planRequest({ events: undefined, variants }), CATALOGUE, 1);
    expect(plan.events).toEqual([]);
    expect(plan.variants.slice(1)).toEqual([
      {
        name: 'plugin-insn',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: 'insn',
        arguments: [],
        trace: false,
      },
      {
        name: 'inline',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: 'insn',
        arguments: ['inline=on'],
        trace: false,
      },
      {
        name: 'plugin',
        side: 'head',
        mode: 'plugin',
        backend: null,
        plugin: digest,
        arguments: [],
        trace: false,
      },
    ]);
    expect(uploadsOf(planRequest({ instrumentation: digest, variants }))).toEqual([
      { field: 'instrumentation', digest, kind: 'code' },
      { field: 'variants.3.plugin', digest, kind: 'code' },
    ]);
  });

  test('refuses every other mode except none without events', () => {
    expect(
      refusal({ events: [], variants: ['none', 'idle', { mode: 'backend', backend: 'log' }] })
        .details,
    ).toEqual([
      { path: 'variants.1', message: 'mode "idle" needs "events"' },
      { path: 'variants.2', message: 'mode "backend" needs "events"' },
    ]);
  });
});
