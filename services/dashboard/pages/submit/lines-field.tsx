// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import { Field } from '../../components/field.js';

interface LinesFieldProps<T> {
  label: string;
  hint: string;
  errors: readonly string[];
  value: T | undefined;
  /** Formats a value as lines. */
  write: (value: T) => readonly string[];
  /** Reads a value from lines that are not empty. */
  read: (lines: string[]) => T;
  /** Receives undefined for an empty field. */
  onChange: (value: T | undefined) => void;
}

/**
 * Text field with an entry per line. It keeps what was typed as long as that means the value, so that
 * a half-written line stays, and shows the value where another part of the form changed it.
 */
export function LinesField<T>({
  label,
  hint,
  errors,
  value,
  write,
  read,
  onChange,
}: LinesFieldProps<T>) {
  const [typed, setTyped] = useState('');
  const valueOf = (text: string): T | undefined => {
    const filled = text.split('\n').filter((line) => line !== '');
    return filled.length === 0 ? undefined : read(filled);
  };
  const meant = JSON.stringify(valueOf(typed)) === JSON.stringify(value);
  const text = meant ? typed : value === undefined ? '' : write(value).join('\n');
  return (
    <Field label={label} hint={hint} errors={errors}>
      {(control) => (
        <textarea
          {...control}
          className="mono"
          spellCheck={false}
          rows={Math.min(8, Math.max(2, text.split('\n').length))}
          value={text}
          onChange={(event) => {
            setTyped(event.target.value);
            onChange(valueOf(event.target.value));
          }}
        />
      )}
    </Field>
  );
}

/** Text field with an argument per line. */
export function ArgumentsField(props: Omit<LinesFieldProps<string[]>, 'write' | 'read'>) {
  return <LinesField {...props} write={(words) => words} read={(lines) => lines} />;
}
