// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useRef } from 'react';
import { useSearchParams } from 'wouter';
import { Field } from '../../components/field.js';
import { STATES } from '../../components/state-badge.js';

const NAMES = ['name', 'state', 'project', 'branch'] as const;
export type Filter = Record<(typeof NAMES)[number], string>;

/** Returns the filter of the jobs. The address stores it, so that a link or bookmark keeps it. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter = Object.fromEntries(NAMES.map((name) => [name, search.get(name) ?? ''])) as Filter;
  const change = (changes: Partial<Filter>) => {
    const next = Object.entries({ ...filter, ...changes }).filter(([, value]) => value !== '');
    setSearch(new URLSearchParams(next), { replace: true });
  };
  return [filter, change];
}

export function JobsFilter({
  filter,
  onChange,
}: {
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.matches('input, textarea, select');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      first.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const empty = Object.values(filter).every((value) => value === '');
  return (
    <form
      className="jobs-filter"
      role="search"
      aria-label="Filter jobs"
      onSubmit={(event) => event.preventDefault()}
    >
      <Field label="Name contains">
        {(control) => (
          <input
            {...control}
            ref={first}
            type="search"
            placeholder="press / to type here"
            maxLength={200}
            value={filter.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="State">
        {(control) => (
          <select
            {...control}
            value={filter.state}
            onChange={(event) => onChange({ state: event.target.value })}
          >
            <option value="">any</option>
            <option value="active">active</option>
            {STATES.map((state) => (
              <option key={state}>{state}</option>
            ))}
          </select>
        )}
      </Field>
      {(['project', 'branch'] as const).map((name) => (
        <Field key={name} label={name === 'project' ? 'Project' : 'Branch'}>
          {(control) => (
            <input
              {...control}
              type="search"
              maxLength={200}
              value={filter[name]}
              onChange={(event) => onChange({ [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <button
        type="button"
        disabled={empty}
        onClick={() => onChange({ name: '', state: '', project: '', branch: '' })}
      >
        Clear
      </button>
    </form>
  );
}
