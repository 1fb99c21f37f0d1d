// SPDX-License-Identifier: GPL-2.0-or-later
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import type { WorkloadRequest, WorkloadDefinition } from '#contract/workload.js';
import { count } from '../../format/numbers.js';
import { Field, FieldErrors } from '../../components/field.js';
import { filledNumber, type FormProps } from './draft.js';
import { InvocationFields } from './invocation-fields.js';

/** Fields for the workloads: guests that every variant runs. */
export function WorkloadRows({
  draft,
  change,
  errorsAt,
  workloads: known,
}: FormProps & { workloads: readonly WorkloadDefinition[] }) {
  const { workloads, qemu } = draft;
  const fitting = known.filter(({ targets }) => targets.includes(qemu.target));
  const next =
    fitting.find(({ name }) => !workloads.some((chosen) => chosen.name === name)) ?? fitting[0];
  const below = workloads.some((_, index) => errorsAt(`workloads.${index}`).length > 0);
  return (
    <section className="card" aria-label="Workloads">
      <div className="card-head">
        <h2>Workloads</h2>
        <span className="soft">guests that run on {qemu.target}</span>
      </div>
      {workloads.length === 0 && <p className="soft">No workloads selected.</p>}
      <ul className="rows">
        {workloads.map((workload, index) => (
          <WorkloadRow
            key={index}
            number={index + 1}
            workload={workload}
            fitting={fitting}
            errorsAt={(path) => errorsAt(`workloads.${index}${path}`)}
            onChange={(changed) => change({ workloads: workloads.with(index, changed) })}
            onRemove={() => change({ workloads: workloads.filter((_, other) => other !== index) })}
          />
        ))}
      </ul>
      {!below && <FieldErrors errors={errorsAt('workloads')} />}
      <div className="row">
        <button
          type="button"
          disabled={next === undefined}
          onClick={() =>
            change({ workloads: [...workloads, { name: next!.name, parameters: {} }] })
          }
        >
          Add a workload
        </button>
      </div>
    </section>
  );
}

interface WorkloadRowProps {
  number: number;
  workload: WorkloadRequest;
  /** Workloads that support the target. */
  fitting: readonly WorkloadDefinition[];
  /**
   * Returns the errors of a path within the workload. The path begins with a dot; '' is the whole
   * workload.
   */
  errorsAt: (path: string) => string[];
  onChange: (workload: WorkloadRequest) => void;
  onRemove: () => void;
}

function WorkloadRow({
  number,
  workload,
  fitting,
  errorsAt,
  onChange,
  onRemove,
}: WorkloadRowProps) {
  const definition = fitting.find(({ name }) => name === workload.name);
  const shown = [
    '.name',
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
