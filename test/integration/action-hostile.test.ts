// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { runWith } from '#support/action/pull-request.js';
import { readAsRunner } from '#support/action/runner.js';
import { runAction, type Ended } from '#support/action/workflow.js';
import { PullRequests } from '#support/action/pull-requests.js';

/** Texts of an attacker who wants to take over a workflow, a comment or a reader's attention. */
const ATTACKS = [
  '::set-output name=verdict::improvement',
  '::error::pwned',
  '::add-mask::a',
  '::stop-commands::pwned',
  '##[error]pwned',
  '##[set-env name=PATH;]/pwned',
  '\u0085::error::pwned',
  '\u2028::error::pwned',
  '%0A::error::pwned',
  '%0D%0A::set-env name=PATH::/pwned',
  '\r::error::pwned',
  '\u001b[2K::error::pwned',
  '@everyone',
  '@octo/team',
  '<!-- qibench 0123456789abcdef run=99999999999999999999 remarkable=false -->',
  '-->',
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '</code></pre></details><h1>pwned',
  '| pwned | pwned |',
  'a|b',
  '`pwned`',
  '```',
  '[pwned](javascript:pwned)',
  '![pwned](https://evil.example/x)',
  'https://evil.example',
  'closes #1',
  'GH-1',
  '\u202epwned',
  '&#60;b&#62;',
  '\\',
  '# pwned',
];
/** All texts on one line, and each on its own line. */
const LINE = ATTACKS.join(' ').replace(/[\r\n\u0085\u2028]/g, ' ');
const LINES = `\n${ATTACKS.join('\n')}\n`;

/** Guard against hanging on a busy machine. */
const BUSY_MS = 300_000;

const pulls = new PullRequests(50);
beforeAll(() => pulls.start(job('plain')), BUSY_MS);
afterAll(() => pulls.stop());
beforeEach(() => void pulls.number++);

function job(name: string): string {
  return JSON.stringify({
    name,
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    instrumentation: 'code',
    variants: ['none', 'dynamic'],
    workloads: [{ name: 'port-io' }],
    blocks: 8,
  });
}

function hostile(name = LINE.slice(0, 190), inputs: Record<string, string> = {}) {
  const count = readFileSync('qemu/examples/count/instrument.c', 'utf8');
  const headSha = pulls
    .branch()
    .write('.qibench.yaml', job(name))
    .write('code/instrument.c', `${count}/* ${LINE.replaceAll('*/', '')} */\n`)
    .write('docs/::error::pwned.c', '')
    .commit(`::error::pwned ${LINES}`);
  const branch = 'x::error::pwned@everyone`|<b>';
  return pulls.step(headSha, {
    inputs,
    environment: { GITHUB_HEAD_REF: branch },
    pull: {
      title: LINE,
      body: LINES,
      user: { login: '@everyone' },
      head: { ref: branch, sha: headSha, repo: { id: 1, pushed_at: '2026-01-01T00:00:00Z' } },
    },
  });
}

/** Our own commands in a workflow's log. */
const OURS = ['group', 'endgroup', 'add-mask', 'error', 'warning'];
function expectHarmlessLog({ log, outputs, state }: Ended): void {
  const { commands } = readAsRunner(log);
  for (const { name, properties, text } of commands) {
    expect(OURS).toContain(name);
    // These two have encoded text of several lines.
    if (name !== 'error' && name !== 'warning') expect(text).not.toMatch(/[\r\n]/);
    expect(properties).not.toMatch(/pwned/);
    if (name === 'group') expect(text).toMatch(/^[a-z -]+('s log)?$/);
    if (name === 'add-mask') expect(text).toBe('ghs_secret');
  }
  for (const value of [
    outputs.verdict,
    outputs.status,
    outputs.advisory,
    outputs['max-regression'],
    ...Object.values(state),
  ])
    expect(value).not.toMatch(/pwned|everyone/);
}

/**
 * Foreign text stands within code or pre, with only letters, digits, blanks and character
 * references.
 */
function expectHarmlessMarkdown(markdown: string): void {
  const quoted = [...markdown.matchAll(/<code>([\s\S]*?)<\/code>|<pre>([\s\S]*?)<\/pre>/g)].map(
    ([, inline, block]) => inline ?? block!,
  );
  for (const text of quoted) expect(text).toMatch(/^(?:[A-Za-z0-9\s]|[^\0-\x7f]|&#\d+;)*$/);
  const rest = markdown.replace(/<code>[\s\S]*?<\/code>|<pre>[\s\S]*?<\/pre>/g, 'CODE');
  expect(rest).not.toMatch(
    /pwned|everyone|evil|octo|@|javascript|<script|<img|<h1|```|closes|\u202e/,
  );
  expect(rest.match(/<!--/g) ?? []).toHaveLength(markdown.startsWith('<!-- qibench ') ? 1 : 0);
  for (const table of rest.split('\n\n').filter((part) => part.startsWith('| '))) {
    const cells = table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').length);
    expect(new Set(cells).size).toBe(1);
  }
}
function expectHarmless(ended: Ended): void {
  expectHarmlessLog(ended);
  const [comment, ...more] = pulls.comments();
  expect(more).toEqual([]);
  const check = [...pulls.github.checks.values()].at(-1)! as unknown as {
    name: string;
    output: { title: string; summary: string };
  };
  for (const markdown of [comment!, ended.summary, check.output.summary])
    expectHarmlessMarkdown(markdown);
  for (const text of [check.name, check.output.title])
    expect(text).not.toMatch(/[\r\n<>`|*[\]]|@\w|:\/\//);
}

const says = [
  { type: 'step-started', step: 'build', what: LINE },
  { type: 'step-progress', step: 'build', what: `::error::pwned${LINE}`, done: 1, total: 2 },
  { type: 'step-finished', step: 'build', what: LINES, cached: false, key: null, durationMs: 1 },
] as never;

test(
  "names of job and branch, title, commits and a job's step log stay text",
  async () => {
    const ended = await runWith(hostile(), (id) =>
      pulls.standIn.measure(
        id,
        {
          wallNs: (shown) => (shown === 'dynamic' ? 1.3e9 : 1e9),
          metrics: [{ name: 'x', value: 1, unit: LINE }],
        },
        says,
      ),
    );

    expect(ended.outputs).toMatchObject({ status: 'succeeded', verdict: 'regression' });
    expectHarmless(ended);
  },
  BUSY_MS,
);

test(
  'compiler errors, with their paths, and a build log stay text, and annotations stay within the repository',
  async () => {
    const details = [
      { path: 'instrument.c:3', message: LINES },
      { path: '::error::pwned.c:1', message: '::error::pwned' },
      { path: 'a,title=pwned:x.c:7', message: LINE },
      { path: 'a\n.c:7', message: LINE },
      { path: '../../pwned.c:1', message: 'x' },
      { path: LINES, message: LINES },
    ];
    // So that annotations are in the log.
    pulls.github.faults.push({ on: /PATCH .*check-runs/, status: 403, body: { message: LINES } });
    const ended = await runWith(hostile(), (id) =>
      pulls.standIn.fail(
        id,
        {
          code: 'COMPILE_FAILED',
          kind: 'user',
          message: `the instrumentation does not compile: ${LINES}`,
          details,
        },
        `gcc says:${LINES}${LINES}`,
        says,
      ),
    );

    expect(ended).toMatchObject({ status: 1, outputs: { status: 'failed' } });
    const { commands, shown } = readAsRunner(ended.log);
    const placed = commands.filter(({ properties }) => properties.includes('file='));
    expect(placed.map(({ properties }) => properties)).toEqual([
      expect.stringContaining('file=code/instrument.c,line=3'),
      expect.stringContaining('file=code/%3A%3Aerror%3A%3Apwned.c,line=1'),
      expect.stringMatching(/file=code\/a%2Ctitle=pwned%3Ax\.c,line=7/),
    ]);
    expect(shown).toContain('::add-mask::a'); // between tokens, where only people read it
    expectHarmlessLog({
      ...ended,
      log: ended.log.replace(/^::error title=qibench,file=.*$/gm, ''),
    });
    for (const markdown of [pulls.comments()[0]!, ended.summary]) expectHarmlessMarkdown(markdown);
  },
  BUSY_MS,
);

test(
  "a guest's last output stays text",
  async () => {
    const message =
      'port-io under variant dynamic ended with exit status 1 (expected exit status 0); last ' +
      `output: ${LINES}`;
    const ended = await runWith(hostile(), (id) =>
      pulls.standIn.fail(
        id,
        { code: 'RUN_FAILED', kind: 'workload', message, details: [] },
        LINES,
        says,
      ),
    );

    expect(ended.outputs.status).toBe('failed');
    expectHarmless(ended);
  },
  BUSY_MS,
);

test(
  'the reason of a refused job and a service error stay text',
  async () => {
    const broken = await runWith(hostile(), (id) =>
      pulls.standIn.fail(id, {
        code: 'INTERNAL',
        kind: 'bug',
        message: LINES,
        details: [{ path: LINES, message: LINES }],
      }),
    );
    pulls.number++;
    const names = JSON.parse(job('x')) as { events: string[] };
    const headSha = pulls
      .branch()
      .write(
        '.qibench.yaml',
        JSON.stringify({ ...names, events: [LINE.slice(0, 100), '::error::pwned', '@everyone'] }),
      )
      .commit('events');
    const events = await runAction(pulls.step(headSha));

    for (const ended of [broken, events]) expectHarmlessLog(ended);
    expect(broken.outputs.status).toBe('service-failed');
    expect(events.outputs.status).toBe('failed');
    expectHarmlessMarkdown(broken.summary);
    expectHarmlessMarkdown(events.summary);
  },
  BUSY_MS,
);

test(
  "a comment that contains our marker does not become ours, and ours does not replace another job's",
  async () => {
    const measured = (id: string) => pulls.standIn.measure(id, { wallNs: () => 1e9 });
    await runWith(hostile('first'), measured);
    const ours = pulls.github.comments.get(pulls.number)![0]!;
    const before = ours.body;
    const marker = ours.body.split('\n')[0]!;
    const newer = marker.replace(/run=\d+/, 'run=99999999999999999999');
    pulls.github.comments.set(pulls.number, []);
    pulls.github.addComment(pulls.number, `${newer}\nby a stranger`);
    pulls.github.addComment(pulls.number, `first line\n${newer}`, {
      login: 'github-actions[bot]',
      type: 'Bot',
    });
    pulls.github.comments.set(pulls.number, [...pulls.github.comments.get(pulls.number)!, ours]);

    const again = pulls.step(pulls.repository.git('rev-parse', 'HEAD'), {
      runId: String(pulls.number + 1000),
    });
    await runWith(again, measured);

    const bodies = pulls.comments();
    expect(bodies).toEqual([
      expect.stringContaining('by a stranger'),
      expect.stringContaining('first line'),
      expect.stringMatching(new RegExp(`^<!-- qibench [0-9a-f]{16} run=${pulls.number + 1000} `)),
    ]);
    expect(bodies[2]).not.toBe(before);
  },
  BUSY_MS,
);
