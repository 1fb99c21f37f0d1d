// SPDX-License-Identifier: GPL-2.0-or-later
import { useState } from 'react';
import { Field } from '../../components/field.js';

interface LinesFieldProps {
  label: string;
  hint: string;
  /** Lines at the start. */
  lines: readonly string[];
  errors: readonly string[];
  /** Receives the lines that are not empty; undefined without any. */
  onChange: (lines: string[] | undefined) => void;
}

/** Text field with an entry per line. */
export function LinesField({ label, hint, lines, errors, onChange }: LinesFieldProps) {
  const [text, setText] = useState(lines.join('\n'));
  const change = (written: string) => {
    setText(written);
    const filled = written.split('\n').filter((line) => line !== '');
    onChange(filled.length === 0 ? undefined : filled);
  };
  return (
    <Field label={label} hint={hint} errors={errors}>
      {(control) => (
        <textarea
          {...control}
          className="mono"
          spellCheck={false}
          rows={Math.min(8, Math.max(2, text.split('\n').length))}
          value={text}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
}
