// SPDX-License-Identifier: GPL-2.0-or-later
import { readPlacement } from '#worker/settings.js';

test('a worker has every role and no labels by default', () => {
  expect(readPlacement({})).toEqual({ role: 'both', labels: [] });
  expect(
    readPlacement({ QIBENCH_ROLE: 'measure', QIBENCH_LABELS: ' quiet, arm-board ,quiet,' }),
  ).toEqual({ role: 'measure', labels: ['arm-board', 'quiet'] });
});

test.each([
  ['QIBENCH_ROLE', 'builder'],
  ['QIBENCH_LABELS', 'quiet,Big Iron'],
  ['QIBENCH_LABELS', '-x'],
])('%s=%s is refused by its name', (setting, value) => {
  expect(() => readPlacement({ [setting]: value })).toThrow(setting);
});
