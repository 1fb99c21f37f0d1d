// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { DIGEST_PATTERN } from '#contract/constants.js';
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import type { Upload } from '#contract/upload.js';
import type { WorkloadRequest, WorkloadDefinition } from '#contract/workload.js';
import { count } from '../../format/numbers.js';
import { Field, FieldErrors } from '../../components/field.js';
import { get } from '../../http/client.js';
import { filledNumber } from './draft.js';
import { InvocationFields } from './invocation-fields.js';
import { UploadField } from './upload-field.js';

interface WorkloadRowProps {
  number: number;
  workload: WorkloadRequest;
  /**
   * Returns the errors of a path within the workload. The path begins with a dot; '' is the whole
   * workload.
   */
  errorsAt: (path: string) => string[];
  onChange: (workload: WorkloadRequest) => void;
  onRemove: () => void;
}

/** Fields for a workload that qibench ships. */
export function ShippedWorkloadRow({
  fitting,
  ...row
}: WorkloadRowProps & {
  /** Workloads that support the target. */
  fitting: readonly WorkloadDefinition[];
}) {
  const { workload, errorsAt, onChange } = row;
  const definition = fitting.find(({ name }) => name === workload.name);
  return (
    <WorkloadRow {...row} definition={definition} field=".name">
      <Field label="Workload" errors={errorsAt('.name')}>
        {(control) => (
          <select
            {...control}
            value={workload.name}
            onChange={(event) => onChange({ name: event.target.value, parameters: {} })}
          >
            {definition === undefined && (
              <option value={workload.name}>{workload.name} (not for this target)</option>
            )}
            {fitting.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
    </WorkloadRow>
  );
}

/** Fields for a workload of the user's own: a folder with workload.yaml. */
export function UploadedWorkloadRow(row: WorkloadRowProps) {
  const { workload, errorsAt, onChange } = row;
  const digest = workload.from ?? '';
  const upload = useQuery({
    queryKey: ['upload', digest],
    queryFn: ({ signal }) => get<Upload>(`/v1/uploads/${digest}`, signal),
    enabled: DIGEST_PATTERN.test(digest),
    staleTime: Infinity,
  });
  return (
    <WorkloadRow {...row} definition={upload.data?.workload?.definition} field=".from">
      <UploadField
        kind="workload"
        label="workload"
        digest={workload.from}
        onChange={(from = '') => onChange({ ...workload, from, parameters: {} })}
        errors={errorsAt('.from')}
      />
    </WorkloadRow>
  );
}

function WorkloadRow({
  number,
  workload,
  definition,
  field,
  errorsAt,
  onChange,
  onRemove,
  children,
}: WorkloadRowProps & {
  definition: WorkloadDefinition | undefined;
  /** Path of the field that names the workload. */
  field: '.name' | '.from';
  children: ReactNode;
}) {
  const shown = [
    field,
    '.timeoutSeconds',
    '.qemu',
    ...Object.keys(definition?.parameters ?? {}).map((name) => `.parameters.${name}`),
  ].flatMap(errorsAt);
  const setParameter = (name: string, text: string) => {
    const { [name]: _, ...others } = workload.parameters;
    onChange({
      ...workload,
      parameters: text === '' ? others : { ...others, [name]: Number(text) },
    });
  };
  return (
    <li role="group" aria-label={`Workload ${number}`}>
      <div className="row-fields">
        {children}
        {Object.entries(definition?.parameters ?? {}).map(
          ([name, { unit, minimum, maximum, default: usual }]) => (
            <Field
              key={name}
              label={name}
              hint={`${count(minimum)} to ${count(maximum)} ${unit}, default ${count(usual)}`}
              errors={errorsAt(`.parameters.${name}`)}
            >
              {(control) => (
                <input
                  {...control}
                  type="number"
                  placeholder={String(usual)}
                  value={workload.parameters[name] ?? ''}
                  onChange={(event) => setParameter(name, event.target.value)}
                />
              )}
            </Field>
          ),
        )}
        <Field label="Limit, s" hint="of one run" errors={errorsAt('.timeoutSeconds')}>
          {(control) => (
            <input
              {...control}
              type="number"
              placeholder={String(definition?.run.timeoutSeconds ?? '')}
              value={workload.timeoutSeconds ?? ''}
              onChange={(event) =>
                onChange({ ...workload, timeoutSeconds: filledNumber(event.target.value) })
              }
            />
          )}
        </Field>
        <button type="button" aria-label={`Remove workload ${number}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      {definition !== undefined && <p className="field-hint">{definition.summary}</p>}
      <InvocationFields
        invocation={workload.qemu ?? {}}
        errorsAt={(path) => errorsAt(`.qemu${path}`)}
        onChange={(changes) =>
          onChange({ ...workload, qemu: { ...workload.qemu, ...changes } as QemuInvocation })
        }
      />
      {shown.length === 0 && <FieldErrors errors={errorsAt('')} />}
    </li>
  );
}
