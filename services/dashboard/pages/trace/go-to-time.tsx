// SPDX-License-Identifier: GPL-2.0-or-later
import { useState, type FormEvent, type RefObject } from 'react';
import { parseTraceStart } from '#contract/trace-time.js';
import { Field } from '../../components/field.js';

interface GoToTimeProps {
  /** Times of the first record and of the end of the axis, on the host's clock. */
  ends: { readonly firstNs: string | null; readonly lastNs: string };
  field: RefObject<HTMLInputElement | null>;
  /** Gets the time in ns from the first record. */
  onGo: (atNs: number) => void;
}

/** Takes a time as text, and moves the cursor and the view there. */
export function GoToTime({ ends, field, onGo }: GoToTimeProps) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    const atNs = parseTraceStart(typed, ends);
    setProblem(typeof atNs === 'string' ? atNs : null);
    if (typeof atNs === 'bigint') onGo(Number(atNs - BigInt(ends.firstNs ?? 0)));
  };
  return (
    <form className="go-to-time" onSubmit={submit} aria-label="Go to a time">
      <Field label="Time" errors={problem === null ? [] : [problem]}>
        {(control) => (
          <input
            {...control}
            ref={field}
            type="text"
            value={typed}
            placeholder="62.269us"
            title="with a unit since the first record, else in ns of the host’s clock"
            maxLength={50}
            onChange={({ target }) => setTyped(target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <button type="submit">Go</button>
    </form>
  );
}
