// SPDX-License-Identifier: GPL-2.0-or-later
import { pollJobs } from '#worker/job/job-poller.js';

/** A source of jobs: each claim waits for its release. */
function takes(outcomes: boolean[]) {
  const begun: (() => void)[] = [];
  const letGo: (() => void)[] = [];
  const started = outcomes.map(() => new Promise<void>((resolve) => begun.push(resolve)));
  let count = 0;
  const take = () =>
    new Promise<boolean>((resolve) => {
      const index = count++;
      letGo[index] = () => resolve(outcomes[index] ?? false);
      begun[index]?.();
    });
  return { take, started, letGo: (index: number) => letGo[index]!(), count: () => count };
}

test('two announcements lead to two polls, one after the other', async () => {
  const { take, started, letGo, count } = takes([true, true]);
  const { look, stop } = pollJobs(take, 1_000_000);
  const first = look();
  const second = look();
  await started[0];
  expect(count()).toBe(1);

  letGo(0);
  await first;
  await started[1];
  letGo(1);
  await second;
  stop();
});

test('a worker polls without an announcement, and again at once after a successful poll', async () => {
  const { take, started, letGo, count } = takes([true, true, false]);
  const { stop } = pollJobs(take, 1);
  for (const index of [0, 1, 2]) {
    await started[index];
    expect(count()).toBe(index + 1);
    letGo(index);
  }
  stop();
});

test('a stopping worker claims nothing more, even after an earlier announcement', async () => {
  const { take, started, letGo, count } = takes([true]);
  const { look, stop } = pollJobs(take, 1_000_000);
  const first = look();
  const second = look();
  await started[0];
  stop();
  letGo(0);

  await Promise.all([first, second]);
  expect(count()).toBe(1);
});
