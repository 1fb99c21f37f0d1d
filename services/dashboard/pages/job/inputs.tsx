// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job, PlannedWorkload } from '#contract/job.js';
import { expectationWords } from '#contract/progress-words.js';
import type { PlannedSide } from '#contract/side.js';
import { sourceWords } from '#contract/source-words.js';
import type { Variant } from '#contract/variant.js';
import { invocationWords } from '../../format/invocation.js';
import { count, percent } from '../../format/numbers.js';
import { Digest } from '../../components/digest.js';
import { UploadFiles } from '../../components/upload-files.js';
import { useWallComparison } from './use-wall-comparison.js';
import { parameterTexts } from './parameter-texts.js';

/** Shows the inputs of a job, with every default filled in. */
export function Inputs({ job }: { job: Job }) {
  const { plan, request } = job;
  const sizes = useWallComparison(job)?.sizes ?? [];
  const head: PlannedSide = plan.sides?.head ?? {
    qemu: {
      version: request.qemu.version,
      target: request.qemu.target,
      patches: request.qemu.patches ?? null,
    },
    events: plan.events,
    instrumentation: request.instrumentation ?? null,
  };
  const base = plan.sides?.base ?? null;
  return (
    <section className="card" aria-label="Inputs">
      <h2>Inputs</h2>
      {base !== null && <h3>Head</h3>}
      <SideFacts side={head} />
      {base !== null && <h3>Base{plan.sides!.same && ', same as head'}</h3>}
      {base !== null && !plan.sides!.same && <SideFacts side={base} />}
      {base !== null && <h3>Both</h3>}
      <dl className="facts">
        <dt>Variants</dt>
        <dd>
          {plan.variants
            .filter(({ side }) => side === 'head')
            .map((variant) => (
              <VariantLine key={variant.name} variant={variant} />
            ))}
        </dd>
        {plan.refused !== undefined && (
          <>
            <dt>Refused variants</dt>
            <dd>
              {plan.refused.map(({ variant, side, reason }) => (
                <div key={`${side} ${variant}`}>
                  {variant} <span className="soft break">no port applies: {reason}</span>
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>Workloads</dt>
        <dd>
          {plan.workloads.map((workload) => (
            <WorkloadLine
              key={workload.label}
              workload={workload}
              size={sizes.find((size) => size.workload === workload.label)?.value ?? null}
            />
          ))}
        </dd>
        <dt>Measuring</dt>
        <dd>
          {expectationWords(plan)}
          {plan.batches > 1 && ', and as many again to confirm a suspected regression'}
        </dd>
        <dt>Links</dt>
        <dd>{plan.links === 1 ? 'one of each build' : `${plan.links} of each build`}</dd>
        <dt>Threshold</dt>
        <dd>{percent(plan.threshold)}</dd>
        <dt>Seed</dt>
        <dd>{plan.seed}</dd>
        {request.instructions === true && (
          <>
            <dt>Instructions</dt>
            <dd>counted in separate runs</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function SideFacts({ side: { qemu, events, instrumentation } }: { side: PlannedSide }) {
  return (
    <dl className="facts">
      <dt>QEMU</dt>
      <dd>
        {qemu.version}, {qemu.target}
      </dd>
      {qemu.source !== undefined && (
        <>
          <dt>Source</dt>
          <dd className="break">{sourceWords(qemu.source)}</dd>
        </>
      )}
      {qemu.configure !== undefined && (
        <>
          <dt>Configure</dt>
          <dd className="break">{qemu.configure.join(' ')}</dd>
        </>
      )}
      {qemu.patches !== null && (
        <>
          <dt>Patches</dt>
          <dd>
            <UploadFiles digest={qemu.patches} />
          </dd>
        </>
      )}
      {instrumentation !== null && (
        <>
          <dt>Instrumentation</dt>
          <dd>
            <UploadFiles digest={instrumentation} />
          </dd>
        </>
      )}
      <dt>Events</dt>
      <dd>
        {events.length <= 3 ? (
          events.join(', ') || 'none'
        ) : (
          <details>
            <summary>{count(events.length)}</summary>
            <div className="job-events mono" tabIndex={0} role="group" aria-label="Names of events">
              {events.join('\n')}
            </div>
          </details>
        )}
      </dd>
    </dl>
  );
}

function VariantLine({ variant }: { variant: Variant }) {
  const { name, mode, backend, plugin, arguments: values, trace, events, qemu } = variant;
  const { instrumentation, parameters = {} } = variant;
  const uploaded = plugin?.startsWith('sha256:') ?? false;
  const how = [
    mode === name ? null : mode,
    backend,
    uploaded ? null : plugin,
    ...values,
    ...Object.entries(parameters).map(([parameter, value]) => `${parameter} ${count(value)}`),
    ...invocationWords(qemu),
    events === undefined ? null : eventsText(events),
    trace ? 'traces stored' : null,
  ].filter((word) => word !== null);
  return (
    <div>
      {name} <span className="soft break">{how.join(', ')}</span>{' '}
      {uploaded && <Digest digest={plugin!} />}
      {instrumentation !== undefined && <Digest digest={instrumentation} />}
    </div>
  );
}

function eventsText(events: readonly string[]): string {
  return events.length === 1 ? `event ${events[0]!}` : `${count(events.length)} events of its own`;
}

function WorkloadLine({ workload, size }: { workload: PlannedWorkload; size: number | null }) {
  const { name, label, timeoutSeconds, qemu, swept, uploaded } = workload;
  const facts = [
    ...parameterTexts(workload, size),
    ...invocationWords(qemu),
    `limit ${timeoutSeconds} s`,
  ];
  return (
    <div>
      {swept === undefined ? name : label} <span className="soft break">{facts.join(', ')}</span>
      {uploaded !== undefined && <UploadFiles digest={uploaded.digest} />}
    </div>
  );
}
