// SPDX-License-Identifier: GPL-2.0-or-later
import * as core from '@actions/core';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { asQibenchError, QibenchError } from '#contract/error.js';
import { credentials } from './credentials.js';
import { judge } from './gate.js';
import { Git } from './git.js';
import { openGitHub } from './github/client.js';
import { escapeCommand, Log } from './log.js';
import { writePack } from './pack.js';
import { cleanUp } from './post.js';
import { publish } from './publish.js';
import { run, type Progress, type ActionContext } from './run.js';
import { Service } from './service.js';
import { settingsOf, type Settings } from './settings.js';
import { sourceAt } from './source.js';
import { triggerOf, type WorkflowEnv } from './trigger.js';

const { env } = process;
const RETRY = { attempts: 6, random: Math.random };
/** The runner sends SIGINT, then SIGTERM after 7.5 s, and kills the process after ten seconds. */
const SIGNAL_LIMIT_MS = 7_000;

async function workflowEnv(): Promise<WorkflowEnv> {
  return {
    eventName: env.GITHUB_EVENT_NAME ?? '',
    event:
      env.GITHUB_EVENT_PATH === undefined
        ? {}
        : JSON.parse(await readFile(env.GITHUB_EVENT_PATH, 'utf8')),
    repository: env.GITHUB_REPOSITORY ?? '',
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? '',
    runId: env.GITHUB_RUN_ID ?? '0',
    runAttempt: env.GITHUB_RUN_ATTEMPT ?? '1',
    jobName: env.GITHUB_JOB ?? '',
    workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
    temporaryDir: env.RUNNER_TEMP ?? '/tmp',
    apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
  };
}

function contextOf(settings: Settings, workflow: WorkflowEnv, signal: AbortSignal): ActionContext {
  const log = new Log((line) => core.info(line));
  const idToken =
    env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined
      ? null
      : () => core.getIDToken(settings.audience);
  const resting = (milliseconds: number) => pause(milliseconds, undefined, { signal });
  const signIn = credentials({
    serviceUrl: settings.serverUrl,
    project: settings.project,
    token: settings.token,
    idToken,
    setSecret: core.setSecret,
    note: (text) => log.line(text),
  });
  if (settings.githubToken !== null) core.setSecret(settings.githubToken);
  return {
    settings,
    workflow,
    log,
    signal,
    pause: resting,
    nowMs: Date.now,
    service: new Service(settings.serverUrl, signIn, { ...RETRY, pause: resting }, signal),
    github:
      settings.githubToken === null
        ? null
        : openGitHub({
            token: settings.githubToken,
            apiUrl: workflow.apiUrl,
            repository: workflow.repository,
            note: (text) => log.line(text),
          }),
    saveState: core.saveState,
    warn: (text) => core.warning(escapeCommand(text)),
  };
}

async function pack(settings: Settings, workflow: WorkflowEnv): Promise<void> {
  const trigger = triggerOf(workflow);
  if (trigger.type !== 'pull-request')
    throw new QibenchError('BAD_INPUT', {
      input: 'mode',
      reason: 'pack is for the event pull_request',
    });
  const { headSha, baseSha } = trigger.pull;
  const git = new Git(workflow.workspace);
  await git.need(headSha);
  const mergeBase = settings.repository === 'qemu' ? await git.mergeBase(baseSha, headSha) : null;
  const { uploads } = await writePack(
    settings.packFolder,
    await sourceAt(git, headSha, settings, mergeBase),
    settings.jobFile,
  );
  core.info(`packed ${Object.keys(uploads).length} folder(s) of ${headSha}`);
  core.setOutput('status', 'packed');
}

async function measure(settings: Settings, workflow: WorkflowEnv): Promise<void> {
  const giveUp = new AbortController();
  const clock = setTimeout(
    () =>
      giveUp.abort(
        new QibenchError('NOT_IN_TIME', {
          id: progress.job?.id ?? '(none yet)',
          limitMinutes: settings.timeoutMinutes,
        }),
      ),
    settings.timeoutMinutes * 60_000,
  );
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // Written before any await: the post step can finish a late report, but not the outputs.
      core.setOutput('status', 'cancelled');
      setTimeout(() => process.exit(1), SIGNAL_LIMIT_MS).unref();
      giveUp.abort(new QibenchError('CANCELLED'));
    });
  }
  const context = contextOf(settings, workflow, giveUp.signal);
  const progress: Progress = {
    pull: null,
    prepared: null,
    submission: null,
    job: null,
    checkId: null,
  };
  const ending = await run(context, progress);
  clearTimeout(clock);
  const judgement = judge(ending, settings);
  await publish(context, progress, ending, judgement, {
    setOutput: core.setOutput,
    writeSummary: async (markdown) => void (await core.summary.addRaw(markdown).write()),
    annotate: ({ path, line, message }) =>
      core.error(message, { file: path, startLine: line, title: 'qibench' }),
  });
  core.saveState('done', 'true');
  const why = 'error' in ending ? `: ${ending.error.message}` : '';
  const text = escapeCommand(`${judgement.title}${why}`);
  if (judgement.stepFails) core.setFailed(text);
  else if (judgement.conclusion === 'success') core.info(text);
  else core.warning('reason' in ending ? escapeCommand(ending.reason) : text);
}

async function main(): Promise<void> {
  const settings = settingsOf(core.getInput);
  const workflow = await workflowEnv();
  if (core.getState('started') === 'true') {
    const context = contextOf(settings, workflow, AbortSignal.timeout(60_000));
    return cleanUp(context, {
      jobId: core.getState('job'),
      checkId: core.getState('check'),
      done: core.getState('done') === 'true',
    });
  }
  core.saveState('started', 'true');
  await (settings.mode === 'pack' ? pack(settings, workflow) : measure(settings, workflow));
}

await main().catch((error: unknown) =>
  core.setFailed(escapeCommand(asQibenchError(error).message)),
);
process.exit(); // a pending retry must not keep the runner busy
