// SPDX-License-Identifier: GPL-2.0-or-later
import type { Step } from '#contract/job-event.js';
import { blockWords } from '#contract/progress-words.js';
import { took } from '../../format/numbers.js';
import { Digest } from '../../components/digest.js';
import { useNow } from '../../components/now.js';
import { ProgressBar } from '../../components/progress-bar.js';
import type { Progress, Stage } from './progress.js';

const STEPS: Record<Step, string> = {
  image: 'Images',
  source: 'Source',
  tree: 'QEMU trees',
  build: 'Builds of variants',
  instrumentation: 'Instrumentation',
  workload: 'Workloads',
  measure: 'Measuring',
  ingest: 'Traces',
};

/** Shows the finished and running steps of a job. */
export function Stages({ progress, connected }: { progress: Progress; connected: boolean }) {
  const { stages, attempts } = progress;
  const runs = stages.some(({ status }) => status === 'running');
  const nowMs = useNow(runs ? 1_000 : null);
  const steps = [...new Set(stages.map(({ step }) => step))];
  return (
    <section className="card" aria-label="Stages">
      <div className="card-head">
        <h2>Stages</h2>
        <span className="soft" role="status">
          {connected ? attempts > 1 && `attempt ${attempts}` : 'Connection lost, reconnecting …'}
        </span>
      </div>
      {progress.sequence > 0 && steps.length === 0 && <p className="empty">No steps yet.</p>}
      <ol className="stages">
        {steps.map((step) => (
          <StepStages
            key={step}
            step={step}
            stages={stages.filter((stage) => stage.step === step)}
            nowMs={nowMs}
          />
        ))}
        <Measuring progress={progress} />
      </ol>
    </section>
  );
}

function StepStages({
  step,
  stages,
  nowMs,
}: {
  step: Step;
  stages: readonly Stage[];
  nowMs: number;
}) {
  const status = stages.some((stage) => stage.status === 'running')
    ? 'running'
    : stages.some((stage) => stage.status === 'stopped')
      ? 'stopped'
      : 'done';
  const cached = stages.filter((stage) => stage.status === 'done' && stage.cached).length;
  const tookMs = stages.reduce((sum, stage) => sum + tookOf(stage, nowMs), 0);
  return (
    <li>
      <details open={status !== 'done'}>
        <summary>
          <Mark status={status} />
          <strong>{STEPS[step]}</strong>
          <span className="soft">
            {cached > 0 &&
              (cached === stages.length ? 'all cached' : `${cached} of ${stages.length} cached`)}
          </span>
          <span className="stage-took">{tookText(status, tookMs)}</span>
        </summary>
        <ul>
          {stages.map((stage) => (
            <li key={stage.what} className="stage">
              <Mark status={stage.status} />
              <span className="break">{stage.what}</span>
              {stage.status === 'done' && stage.cached && <span className="badge">cached</span>}
              {stage.key !== null && <Digest digest={stage.key} />}
              {stage.progress !== null && (
                <ProgressBar
                  done={stage.progress.done}
                  total={stage.progress.total}
                  label={`${stage.what}: ${stage.progress.done} of ${stage.progress.total}`}
                />
              )}
              <span className="stage-took soft">
                {tookText(stage.status, tookOf(stage, nowMs))}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

/** Shows the progress of measuring: in blocks if their number is fixed, else in time spent. */
function Measuring({ progress: { block, state } }: { progress: Progress }) {
  if (block === null) return null;
  const { withinSeconds, spentSeconds, blocks } = block;
  const label = blockWords(block);
  return (
    <li className="stage-blocks">
      <div className="stage">
        <Mark
          status={state === 'measuring' ? 'running' : state === 'succeeded' ? 'done' : 'stopped'}
        />
        <strong>Blocks</strong>
        <ProgressBar
          done={withinSeconds === null ? block.block : spentSeconds}
          total={withinSeconds ?? blocks}
          label={label}
        />
        <span className="soft">{label}</span>
      </div>
    </li>
  );
}

const MARKS = {
  running: ['●', 'running'],
  done: ['✓', 'done'],
  stopped: ['✕', 'stopped'],
} as const;

function Mark({ status }: { status: Stage['status'] }) {
  const [mark, word] = MARKS[status];
  return (
    <span className={`stage-mark ${status}`} role="img" aria-label={word}>
      {mark}
    </span>
  );
}

/** An interrupted step without a known duration has no text, instead of 0 ms. */
function tookText(status: Stage['status'], ms: number): string {
  return status === 'stopped' && ms === 0 ? '' : took(ms);
}

function tookOf({ status, durationMs, startedAt }: Stage, nowMs: number): number {
  return status === 'running'
    ? durationMs + Math.max(0, nowMs - Date.parse(startedAt))
    : durationMs;
}
