// SPDX-License-Identifier: GPL-2.0-or-later
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { annotationsOf } from './annotations.js';
import type { Ending, Judgement } from './gate.js';
import { putComment } from './github/comment.js';
import { finishCheck } from './github/check.js';
import { isForbidden } from './github/client.js';
import { reportOf } from './report.js';
import type { Progress, ActionContext } from './run.js';
import { fitted, LIMITS_BYTES } from './sections.js';
import { jobPage } from './service.js';

/** Outlets for a run's results besides GitHub's API. */
export interface Outlets {
  readonly setOutput: (name: string, value: string) => void;
  readonly writeSummary: (markdown: string) => Promise<void>;
  readonly annotate: (annotation: { path: string; line: number; message: string }) => void;
}

/** GitHub shows ten errors a step; one of them states why the step fails. */
const ANNOTATED = 9;

/**
 * Writes outputs, summary, check run, annotations and comment. A missing permission causes only a
 * warning, as the summary contains the complete report.
 */
export async function publish(
  context: ActionContext,
  { pull, prepared, job, checkId }: Progress,
  ending: Ending,
  judgement: Judgement,
  outlets: Outlets,
): Promise<void> {
  const { service, settings, github, log, warn, workflow } = context;
  const page = job === null ? null : jobPage(service.url, job);
  const name = prepared?.jobFile.name ?? settings.jobFile;
  const sections = reportOf(ending, judgement, {
    name,
    headSha: prepared?.headSha ?? pull?.headSha ?? workflow.sha,
    baseSha: prepared?.baseSha ?? null,
    page,
    notes: prepared?.notes ?? [],
  });
  await writeOutputs(context, { prepared, job, ending, judgement, page }, outlets);
  await outlets
    .writeSummary(
      `${fitted(sections, LIMITS_BYTES.summary, page === null ? '' : `Everything: ${page}`)}\n`,
    )
    .catch((error: Error) => warn(`no summary: ${error.message}`));
  if (ending.type === 'code-failed' && ending.logTail !== '') {
    log.group("end of the job's log");
    log.untrusted(ending.logTail);
    log.endGroup();
  }

  const annotations =
    ending.type === 'code-failed' ? annotationsOf(ending.error, prepared?.folder ?? null) : [];
  const permitted = async (
    what: string,
    permission: string,
    act: () => Promise<unknown>,
  ): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      warn(
        `no ${what}: ${(error as Error).message}` +
          `${isForbidden(error) ? ` (permissions: ${permission}: write)` : ''}; ` +
          'the summary has the complete report',
      );
      return false;
    }
  };
  const inCheck =
    checkId !== null &&
    github !== null &&
    (await permitted('check run', 'checks', () =>
      finishCheck(github, { id: checkId, judgement, sections, page, annotations }),
    ));
  if (!inCheck) {
    annotations.slice(0, ANNOTATED).forEach(outlets.annotate);
    const more = annotations.length - ANNOTATED;
    if (more > 0)
      warn(
        `${more} more diagnostic(s) have no annotation, as GitHub shows ten errors a step; ` +
          'the summary lists them',
      );
  }
  if (pull !== null && github !== null) await comment(permitted);

  async function comment(attempt: typeof permitted): Promise<void> {
    if (settings.comment === 'never' || ['cancelled', 'skipped', 'detached'].includes(ending.type))
      return;
    const mode = ending.type === 'unchanged' ? 'on-change' : settings.comment;
    const key = `${prepared?.jobFile.project ?? ''}\0${name}`;
    await attempt('comment', 'pull-requests', async () => {
      const done = await putComment(github!, {
        pullNumber: pull!.number,
        key,
        runId: workflow.runId,
        sections,
        page: page ?? service.url,
        remarkable: isRemarkable(ending),
        mode,
      });
      log.line(`comment: ${done === 'newer' ? 'unchanged: a newer run has written it' : done}`);
    });
  }
}

function isRemarkable(ending: Ending): boolean {
  if (ending.type === 'measured')
    return ending.outcome.verdict === 'regression' || ending.outcome.verdict === 'improvement';
  return ending.type === 'code-failed' || ending.type === 'service-failed';
}

interface Results extends Pick<Progress, 'prepared' | 'job'> {
  readonly ending: Ending;
  readonly judgement: Judgement;
  readonly page: string | null;
}

async function writeOutputs(
  { workflow, warn }: ActionContext,
  { prepared, job, ending, judgement, page }: Results,
  { setOutput }: Outlets,
): Promise<void> {
  const outcome = ending.type === 'measured' ? ending.outcome : null;
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : value.toFixed(4);
  setOutput('status', judgement.status);
  setOutput('job-id', job?.id ?? '');
  setOutput('verdict', outcome?.verdict ?? (ending.type === 'unchanged' ? 'no-change' : ''));
  setOutput('max-regression', text(outcome?.maxRegression));
  setOutput('minimum-detectable-effect', text(outcome?.minimumDetectableEffect));
  setOutput('advisory', String(outcome?.advisory ?? false));
  setOutput('baseline-sha', prepared?.baseSha ?? '');
  setOutput('report-url', page ?? '');
  const file = join(workflow.temporaryDir, `qibench-${job?.id ?? workflow.runId}.json`);
  const report = {
    schema: 'qibench.report/1',
    judgement,
    headSha: prepared?.headSha ?? null,
    baseSha: prepared?.baseSha ?? null,
    page,
    ...ending,
  };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`).then(
    () => setOutput('report-json', file),
    (error: Error) => warn(`no report-json: ${error.message}`),
  );
}
