// SPDX-License-Identifier: GPL-2.0-or-later
import { useId, useState } from 'react';
import { DEFAULT_BRANCH, WITHIN_DEFAULT } from '#contract/constants.js';
import type { QemuVersion, Target } from '#contract/qemu.js';
import { Field } from '../../components/field.js';
import { filledText, filledNumber, type Draft, type FormProps } from './draft.js';
import { InvocationFields } from './invocation-fields.js';
import { UploadField } from './upload-field.js';

/** Fields for the name of a job and its QEMU. */
export function JobFields({
  draft,
  change,
  errorsAt,
  versions,
}: FormProps & { versions: readonly QemuVersion[] }) {
  const { version, target, patches } = draft.qemu;
  const targets = versions.find((known) => known.version === version)?.targets ?? [];
  const chooseVersion = (chosen: string) => {
    const offered = versions.find((known) => known.version === chosen)!.targets;
    change({
      qemu: {
        ...draft.qemu,
        version: chosen,
        target: offered.includes(target) ? target : offered[0]!,
      },
    });
  };
  return (
    <section className="card" aria-label="Job">
      <h2>Job</h2>
      <Field label="Name" errors={errorsAt('name')}>
        {(control) => (
          <input
            {...control}
            autoFocus
            value={draft.name}
            maxLength={200}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <div className="submit-pair">
        <Field label="QEMU version" errors={errorsAt('qemu.version')}>
          {(control) => (
            <select
              {...control}
              value={version}
              onChange={(event) => chooseVersion(event.target.value)}
            >
              {versions.map((known) => (
                <option key={known.version}>{known.version}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Target" errors={errorsAt('qemu.target')}>
          {(control) => (
            <select
              {...control}
              value={target}
              onChange={(event) =>
                change({ qemu: { ...draft.qemu, target: event.target.value as Target } })
              }
            >
              {targets.map((known) => (
                <option key={known}>{known}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <details open={patches !== undefined || errorsAt('qemu.patches').length > 0}>
        <summary>Patches on QEMU's source</summary>
        <UploadField
          kind="patches"
          label="patches"
          digest={patches}
          onChange={(digest) => change({ qemu: { ...draft.qemu, patches: digest } })}
          errors={errorsAt('qemu.patches')}
        />
      </details>
      <InvocationFields
        invocation={draft.qemu}
        errorsAt={(path) => errorsAt(`qemu${path}`)}
        onChange={(changes) => change({ qemu: { ...draft.qemu, ...changes } as Draft['qemu'] })}
      />
    </section>
  );
}

const FIRST_BLOCKS = 12;

/** Fields for the extent of measuring and for the size of a relevant difference. */
export function MeasuringFields({ draft, change, errorsAt }: FormProps) {
  const { blocks, measure = {} } = draft;
  const [isFixed, setFixed] = useState(blocks !== undefined);
  const name = useId();
  const { within: _, ...withoutTime } = measure;
  const percent =
    measure.threshold === undefined ? '' : String(Number((measure.threshold * 100).toPrecision(6)));
  return (
    <section className="card" aria-label="Measuring">
      <h2>Measuring</h2>
      <fieldset className="field">
        <legend className="label">Measure</legend>
        <label className="check">
          <input
            type="radio"
            name={name}
            checked={!isFixed}
            onChange={() => {
              setFixed(false);
              change({ blocks: undefined, confirm: undefined });
            }}
          />{' '}
          until every comparison is decided
        </label>
        <label className="check">
          <input
            type="radio"
            name={name}
            checked={isFixed}
            onChange={() => {
              setFixed(true);
              change({ blocks: FIRST_BLOCKS, measure: withoutTime });
            }}
          />{' '}
          a fixed number of blocks
        </label>
      </fieldset>
      <div className="submit-pair">
        {isFixed ? (
          <Field
            label="Blocks"
            hint="6 or more. In a block every variant runs every workload."
            errors={errorsAt('blocks')}
          >
            {(control) => (
              <input
                {...control}
                type="number"
                value={blocks || ''}
                // An empty field becomes 0, which the service refuses. Without `blocks` the request
                // would measure until decided.
                onChange={(event) => change({ blocks: filledNumber(event.target.value) ?? 0 })}
              />
            )}
          </Field>
        ) : (
          <Field
            label="Within"
            hint={`Time for all blocks, like 90s or 5m; default ${WITHIN_DEFAULT}.`}
            errors={errorsAt('measure.within')}
          >
            {(control) => (
              <input
                {...control}
                value={measure.within ?? ''}
                placeholder={WITHIN_DEFAULT}
                onChange={(event) =>
                  change({ measure: { ...measure, within: filledText(event.target.value) } })
                }
              />
            )}
          </Field>
        )}
        <Field
          label="Threshold, %"
          hint="Smaller differences do not matter; default 2."
          errors={errorsAt('measure.threshold')}
        >
          {(control) => (
            <input
              {...control}
              type="number"
              step="any"
              value={percent}
              placeholder="2"
              onChange={(event) =>
                change({
                  measure: {
                    ...measure,
                    threshold:
                      event.target.value === '' ? undefined : Number(event.target.value) / 100,
                  },
                })
              }
            />
          )}
        </Field>
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.instructions ?? false}
          onChange={(event) => change({ instructions: event.target.checked })}
        />{' '}
        Count instructions too, in separate runs
      </label>
      <details open={draft.traceDays !== undefined || errorsAt('traceDays').length > 0}>
        <summary>Retention of traces</summary>
        <Field
          label="Days"
          hint="1 to 3650; afterwards the records of the traces are removed. Empty: the default of the service."
          errors={errorsAt('traceDays')}
        >
          {(control) => (
            <input
              {...control}
              type="number"
              value={draft.traceDays ?? ''}
              onChange={(event) => change({ traceDays: filledNumber(event.target.value) })}
            />
          )}
        </Field>
      </details>
    </section>
  );
}

/** Fields for the history that the results join. */
export function HistoryFields({ draft, change, errorsAt }: FormProps) {
  return (
    <section className="card" aria-label="History">
      <div className="card-head">
        <h2>History</h2>
        <span className="soft">which the results join; without a project, none</span>
      </div>
      <div className="submit-three">
        {(['project', 'branch', 'commit'] as const).map((name) => (
          <Field
            key={name}
            label={`${name[0]!.toUpperCase()}${name.slice(1)}`}
            errors={errorsAt(name)}
          >
            {(control) => (
              <input
                {...control}
                value={draft[name] ?? ''}
                placeholder={name === 'branch' ? DEFAULT_BRANCH : undefined}
                onChange={(event) => change({ [name]: filledText(event.target.value) })}
              />
            )}
          </Field>
        ))}
      </div>
    </section>
  );
}
