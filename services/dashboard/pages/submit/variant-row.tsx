// SPDX-License-Identifier: GPL-2.0-or-later
import { BACKENDS, SHIPPED_PLUGINS } from '#contract/constants.js';
import type { Backend, Mode } from '#contract/variant.js';
import { Field, FieldErrors } from '../../components/field.js';
import { filledText, type VariantDraft } from './draft.js';
import { UploadField } from './upload-field.js';
import { VariantOwn } from './variant-own.js';

const MODES: Record<Mode, string> = {
  none: 'without trace instrumentation: the reference',
  idle: 'dynamic instrumentation without a library',
  dynamic: 'the instrumentation loaded as a library',
  static: 'the instrumentation compiled in',
  backend: "one of QEMU's own trace backends",
  plugin: 'a TCG plugin',
};

interface VariantRowProps {
  number: number;
  variant: VariantDraft;
  /**
   * Returns the errors of a path within the variant. The path begins with a dot; '' is the whole
   * variant.
   */
  errorsAt: (path: string) => string[];
  onChange: (variant: VariantDraft) => void;
  onRemove: () => void;
}

export function VariantRow({ number, variant, errorsAt, onChange, onRemove }: VariantRowProps) {
  const { mode, name, backend, plugin } = variant;
  const records = variant.record !== false;
  const shipped = SHIPPED_PLUGINS.find((known) => known === plugin);
  const fieldErrors = [
    '.name',
    '.backend',
    '.record',
    '.plugin',
    '.arguments',
    '.events',
    '.instrumentation',
    '.qemu',
  ].flatMap(errorsAt);
  const traces = mode === 'dynamic' || mode === 'static' || (backend === 'simple' && records);
  const setMode = (chosen: Mode) =>
    onChange({
      mode: chosen,
      name,
      trace: false,
      ...(variant.qemu === undefined ? {} : { qemu: variant.qemu }),
      ...(chosen === 'backend' ? { backend: 'simple' } : {}),
      ...(chosen === 'plugin' ? { plugin: 'insn' } : {}),
    });
  return (
    <li role="group" aria-label={`Variant ${number}`}>
      <div className="row-fields">
        <Field label="Mode" hint={MODES[mode]}>
          {(control) => (
            <select
              {...control}
              value={mode}
              onChange={(event) => setMode(event.target.value as Mode)}
            >
              {Object.keys(MODES).map((known) => (
                <option key={known}>{known}</option>
              ))}
            </select>
          )}
        </Field>
        {mode === 'backend' && (
          <Field label="Backend" errors={errorsAt('.backend')}>
            {(control) => (
              <select
                {...control}
                value={backend}
                onChange={(event) =>
                  onChange({ ...variant, backend: event.target.value as Backend, trace: false })
                }
              >
                {BACKENDS.map((known) => (
                  <option key={known}>{known}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        {mode === 'plugin' && (
          <>
            <Field label="Plugin" errors={shipped === undefined ? [] : errorsAt('.plugin')}>
              {(control) => (
                <select
                  {...control}
                  value={shipped ?? 'upload'}
                  onChange={(event) =>
                    onChange({
                      ...variant,
                      plugin: event.target.value === 'upload' ? '' : event.target.value,
                    })
                  }
                >
                  {SHIPPED_PLUGINS.map((known) => (
                    <option key={known}>{known}</option>
                  ))}
                  <option value="upload">an upload</option>
                </select>
              )}
            </Field>
            <Field
              label="Arguments"
              hint="name=value, separated by commas"
              errors={errorsAt('.arguments')}
            >
              {(control) => (
                <input
                  {...control}
                  className="mono"
                  spellCheck={false}
                  value={(variant.arguments ?? []).join(',')}
                  onChange={(event) =>
                    onChange({
                      ...variant,
                      arguments:
                        event.target.value === '' ? undefined : event.target.value.split(','),
                    })
                  }
                />
              )}
            </Field>
          </>
        )}
        <Field label="Name" hint="in reports; default from the mode" errors={errorsAt('.name')}>
          {(control) => (
            <input
              {...control}
              value={name ?? ''}
              maxLength={32}
              onChange={(event) => onChange({ ...variant, name: filledText(event.target.value) })}
            />
          )}
        </Field>
        <button type="button" aria-label={`Remove variant ${number}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      {mode === 'backend' && (
        <label className="check">
          <input
            type="checkbox"
            checked={records}
            onChange={({ target: { checked } }) =>
              onChange({
                ...variant,
                record: checked ? undefined : false,
                trace: checked && variant.trace,
              })
            }
          />
          <span>
            Record the events{' '}
            <span className="soft">otherwise the backend is compiled in and records nothing</span>
          </span>
        </label>
      )}
      {traces && (
        <label className="check">
          <input
            type="checkbox"
            checked={variant.trace}
            onChange={(event) => onChange({ ...variant, trace: event.target.checked })}
          />
          <span>
            Store the trace records{' '}
            {mode !== 'backend' && (
              <span className="soft">that the instrumentation writes to /output/trace</span>
            )}
          </span>
        </label>
      )}
      {mode === 'plugin' && shipped === undefined && (
        <UploadField
          kind="code"
          label={`plugin of variant ${number}`}
          digest={filledText(plugin ?? '')}
          onChange={(digest) => onChange({ ...variant, plugin: digest ?? '' })}
          errors={errorsAt('.plugin')}
        />
      )}
      <VariantOwn
        key={mode}
        number={number}
        variant={variant}
        errorsAt={errorsAt}
        onChange={onChange}
      />
      {fieldErrors.length === 0 && <FieldErrors errors={errorsAt('')} />}
    </li>
  );
}
