// SPDX-License-Identifier: GPL-2.0-or-later
import { Field } from '../../components/field.js';

interface ChoiceProps {
  label: string;
  value: string | null;
  options: readonly string[];
  /** Label of the empty choice; without it, a value is required. */
  all?: string;
  onChange: (value: string | null) => void;
}

export function Choice({ label, value, options, all, onChange }: ChoiceProps) {
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          value={value ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
        >
          {all !== undefined && <option value="">{all}</option>}
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )}
    </Field>
  );
}
