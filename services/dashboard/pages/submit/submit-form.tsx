// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { QemuVersion } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { ApiError } from '../../http/client.js';
import { newKey, planJob, submitJob } from '../../http/submit.js';
import { FailureNotice } from '../../components/error-notice.js';
import { BaselineFields } from './baseline-fields.js';
import { messagesAt, requestOf, type Draft, type FormProps } from './draft.js';
import { EventPicker } from './event-picker.js';
import { JobFile } from './job-file.js';
import { JobFields, HistoryFields, MeasuringFields } from './job-fields.js';
import { ArgumentsField } from './lines-field.js';
import { PlanPreview } from './plan-preview.js';
import { SweepFields } from './sweep-fields.js';
import { UploadField } from './upload-field.js';
import { VariantRows } from './variant-rows.js';
import { WorkloadRows } from './workload-rows.js';

interface SubmitFormProps {
  versions: readonly QemuVersion[];
  workloads: readonly WorkloadDefinition[];
  start: Draft;
}

export function SubmitForm({ versions, workloads, start }: SubmitFormProps) {
  const [draft, setDraft] = useState(start);
  const [, navigate] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  // An unchanged request keeps its key, so that a retry after a lost answer creates no second job.
  const sent = useRef({ text: '', key: '' });
  const submit = useMutation({
    mutationFn: () => {
      const request = requestOf(draft);
      const text = JSON.stringify(request);
      if (sent.current.text !== text) sent.current = { text, key: newKey() };
      return submitJob(request, sent.current.key);
    },
    onSuccess: ({ id }) => navigate(`/jobs/${id}`),
  });
  const plan = useMutation({ mutationFn: () => planJob(requestOf(draft)) });
  const error = submit.error ?? plan.error;
  const details = error instanceof ApiError ? error.body.details : [];
  const parts: FormProps = {
    draft,
    change: (changes) => setDraft((before) => ({ ...before, ...changes })),
    errorsAt: (path) => messagesAt(details, path),
  };
  useEffect(() => {
    if (error !== null)
      form.current!.querySelector<HTMLElement>('[aria-invalid="true"], .field-error')?.focus();
  }, [error]);
  return (
    <form
      ref={form}
      className="submit"
      noValidate
      aria-label="New job"
      onSubmit={(event) => {
        event.preventDefault();
        if (submit.isPending) return;
        plan.reset();
        submit.mutate();
      }}
    >
      <div className="submit-main">
        <JobFields {...parts} versions={versions} />
        <EventPicker {...parts} />
        <section className="card" aria-label="Instrumentation">
          <div className="card-head">
            <h2>Instrumentation</h2>
            <span className="soft">
              C code that the events call; for variants dynamic and static
            </span>
          </div>
          <UploadField
            kind="code"
            label="instrumentation"
            digest={draft.instrumentation}
            onChange={(instrumentation) => parts.change({ instrumentation })}
            errors={parts.errorsAt('instrumentation')}
          />
          <ArgumentsField
            label="Arguments of the instrumentation"
            hint="argv of its qi_init, one a line"
            value={draft.arguments}
            errors={parts.errorsAt('arguments')}
            onChange={(words) => parts.change({ arguments: words })}
          />
        </section>
        <VariantRows {...parts} />
        <WorkloadRows {...parts} workloads={workloads} />
        <SweepFields {...parts} />
        <BaselineFields {...parts} versions={versions} />
        <MeasuringFields {...parts} />
        <HistoryFields {...parts} />
        {error !== null && <FailureNotice error={error} />}
        {plan.data !== undefined && <PlanPreview preview={plan.data} />}
        <div className="row">
          <button type="submit" className="primary" disabled={submit.isPending}>
            {submit.isPending ? 'Submitting …' : 'Submit job'}
          </button>
          <button
            type="button"
            disabled={plan.isPending}
            onClick={() => {
              submit.reset();
              plan.mutate();
            }}
          >
            {plan.isPending ? 'Planning …' : 'Show the plan'}
          </button>
        </div>
      </div>
      <JobFile draft={draft} />
    </form>
  );
}
