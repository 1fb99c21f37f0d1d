// SPDX-License-Identifier: GPL-2.0-or-later
import type { QemuInvocation } from '#contract/qemu-invocation.js';
import { Field } from '../../components/field.js';
import { ArgumentsField, LinesField } from './lines-field.js';

interface InvocationFieldsProps {
  invocation: QemuInvocation;
  /** Returns the errors of a path within the invocation, which begins with a dot. */
  errorsAt: (path: string) => string[];
  /** Receives the changed fields; undefined removes a field. */
  onChange: (changes: { [N in keyof QemuInvocation]?: QemuInvocation[N] | undefined }) => void;
}

/** Fields for arguments, environment and standard input of QEMU. */
export function InvocationFields({ invocation, errorsAt, onChange }: InvocationFieldsProps) {
  const { arguments: words, environment, stdin } = invocation;
  const used = [words, environment, stdin].some((field) => field !== undefined);
  const broken = ['.arguments', '.environment', '.stdin'].some((path) => errorsAt(path).length > 0);
  return (
    <details open={used || broken}>
      <summary>Arguments, environment and input of QEMU</summary>
      <ArgumentsField
        label="QEMU's arguments"
        hint="one a line, like -smp, then 2; {name} is a swept value or a parameter"
        value={words}
        errors={errorsAt('.arguments')}
        onChange={(changed) => onChange({ arguments: changed })}
      />
      <LinesField
        label="Environment"
        hint="NAME=value, one a line"
        value={environment}
        write={(variables) => Object.entries(variables).map(([name, value]) => `${name}=${value}`)}
        read={variablesOf}
        errors={errorsAt('.environment')}
        onChange={(changed) => onChange({ environment: changed })}
      />
      <Field
        label="Standard input"
        hint="text; QEMU reads its end after it"
        errors={errorsAt('.stdin')}
      >
        {(control) => (
          <textarea
            {...control}
            className="mono"
            spellCheck={false}
            rows={2}
            value={stdin ?? ''}
            onChange={(event) =>
              onChange({ stdin: event.target.value === '' ? undefined : event.target.value })
            }
          />
        )}
      </Field>
    </details>
  );
}

function variablesOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
