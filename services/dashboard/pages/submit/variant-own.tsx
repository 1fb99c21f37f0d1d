// SPDX-License-Identifier: GPL-2.0-or-later
import { Field } from '../../components/field.js';
import type { VariantDraft } from './draft.js';
import { InvocationFields } from './invocation-fields.js';
import { ArgumentsField } from './lines-field.js';
import { UploadField } from './upload-field.js';

interface VariantOwnProps {
  number: number;
  variant: VariantDraft;
  errorsAt: (path: string) => string[];
  onChange: (variant: VariantDraft) => void;
}

/** Fields for what a variant has of its own, in place of the job's. */
export function VariantOwn({ number, variant, errorsAt, onChange }: VariantOwnProps) {
  const { mode, events, instrumentation, arguments: words } = variant;
  const compiles = mode === 'dynamic' || mode === 'static';
  const set = (changes: { [N in keyof VariantDraft]?: VariantDraft[N] | undefined }) =>
    onChange({ ...variant, ...changes } as VariantDraft);
  const used = [events, instrumentation, words].some((field) => field !== undefined);
  const broken = ['.events', '.instrumentation', '.arguments'].some(
    (path) => errorsAt(path).length > 0,
  );
  return (
    <>
      {mode !== 'none' && mode !== 'plugin' && (
        <details open={used || broken}>
          <summary>In place of the job's</summary>
          <Field
            label="Events"
            hint="names or globs, separated by blanks; empty: the job's"
            errors={errorsAt('.events')}
          >
            {(control) => (
              <input
                {...control}
                className="mono"
                spellCheck={false}
                value={(events ?? []).join(' ')}
                onChange={(event) =>
                  set({
                    events: event.target.value === '' ? undefined : event.target.value.split(' '),
                  })
                }
              />
            )}
          </Field>
          {compiles && (
            <>
              <ArgumentsField
                label="Arguments of the instrumentation"
                hint="one a line; empty: the job's"
                value={words}
                errors={errorsAt('.arguments')}
                onChange={(changed) => set({ arguments: changed })}
              />
              <UploadField
                kind="code"
                label={`instrumentation of variant ${number}`}
                digest={instrumentation}
                onChange={(digest) => set({ instrumentation: digest })}
                errors={errorsAt('.instrumentation')}
              />
            </>
          )}
        </details>
      )}
      <InvocationFields
        invocation={variant.qemu ?? {}}
        errorsAt={(path) => errorsAt(`.qemu${path}`)}
        onChange={(changes) =>
          set({ qemu: { ...variant.qemu, ...changes } as VariantDraft['qemu'] })
        }
      />
    </>
  );
}
