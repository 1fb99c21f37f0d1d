// SPDX-License-Identifier: GPL-2.0-or-later
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { QemuVersion } from '#contract/qemu.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { ApiError } from '../../http/client.js';
import { newKey, submitJob } from '../../http/submit.js';
import { FailureNotice } from '../../components/error-notice.js';
import { BaselineFields } from './baseline-fields.js';
import { messagesAt, requestOf, type Draft, type FormProps } from './draft.js';
import { EventPicker } from './event-picker.js';
import { JobFile } from './job-file.js';
import { JobFields, HistoryFields, MeasuringFields } from './job-fields.js';
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
  const details = submit.error instanceof ApiError ? submit.error.body.details : [];
  const parts: FormProps = {
    draft,
    change: (changes) => setDraft((before) => ({ ...before, ...changes })),
    errorsAt: (path) => messagesAt(details, path),
  };
  useEffect(() => {
    if (submit.error !== null)
      form.current!.querySelector<HTMLElement>('[aria-invalid="true"], .field-error')?.focus();
  }, [submit.error]);
  return (
    <form
      ref={form}
      className="submit"
      noValidate
      aria-label="New job"
      onSubmit={(event) => {
        event.preventDefault();
        if (!submit.isPending) submit.mutate();
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
        </section>
        <VariantRows {...parts} />
        <WorkloadRows {...parts} workloads={workloads} />
        <BaselineFields {...parts} versions={versions} />
        <MeasuringFields {...parts} />
        <HistoryFields {...parts} />
        {submit.error !== null && <FailureNotice error={submit.error} />}
        <div className="row">
          <button type="submit" className="primary" disabled={submit.isPending}>
            {submit.isPending ? 'Submitting …' : 'Submit job'}
          </button>
        </div>
      </div>
      <JobFile draft={draft} />
    </form>
  );
}
