// SPDX-License-Identifier: GPL-2.0-or-later
import { useId, type ReactNode } from 'react';
import './field.css';

/** Attributes that tie a control to its field. */
interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** Errors of the service for the value. */
  errors?: readonly string[];
  className?: string;
  children: (control: ControlProps) => ReactNode;
}

/** Shows a labelled control with its hint and its errors. */
export function Field({ label, hint, errors = [], className = '', children }: FieldProps) {
  const id = useId();
  const described = [
    hint === undefined ? '' : `${id}-hint`,
    errors.length === 0 ? '' : `${id}-errors`,
  ]
    .join(' ')
    .trim();
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': errors.length > 0 || undefined,
      })}
      {hint !== undefined && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <FieldErrors id={`${id}-errors`} errors={errors} />
    </div>
  );
}

export function FieldErrors({ id, errors }: { id?: string; errors: readonly string[] }) {
  if (errors.length === 0) return null;
  return (
    <span className="field-error break" id={id} tabIndex={-1} role="alert">
      {errors.join('; ')}
    </span>
  );
}
