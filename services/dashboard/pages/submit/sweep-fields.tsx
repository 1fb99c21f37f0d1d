// SPDX-License-Identifier: GPL-2.0-or-later
import { useId, useState } from 'react';
import type { Sweep } from '#contract/sweep.js';
import { SWEPT_OPTIONS } from '#contract/constants.js';
import { FieldErrors } from '../../components/field.js';
import type { FormProps } from './draft.js';
import { LinesField } from './lines-field.js';
import { linesOf, sweepOf } from './sweep-lines.js';

const KINDS = {
  none: 'nothing: every workload and variant once',
  events: 'events: every event alone, in a build of its own',
  values: 'values of a parameter, an option or a placeholder',
} as const;
type Kind = keyof typeof KINDS;

/** Fields for the values that a job measures one after the other. */
export function SweepFields({ draft, change, errorsAt }: FormProps) {
  const group = useId();
  const { sweep } = draft;
  const [kind, setKind] = useState<Kind>(kindOf(sweep));
  const start: Record<Kind, Sweep | undefined> = { none: undefined, events: 'events', values: {} };
  return (
    <fieldset className="card">
      <legend className="card-legend">Sweep</legend>
      <div className="radios">
        {(Object.keys(KINDS) as Kind[]).map((known) => (
          <label key={known} className="check">
            <input
              type="radio"
              name={group}
              checked={kind === known}
              onChange={() => {
                setKind(known);
                change({ sweep: start[known] });
              }}
            />{' '}
            {KINDS[known]}
          </label>
        ))}
      </div>
      {kind === 'values' && (
        <LinesField
          label="Swept values"
          hint={
            'a name a line with its values, like writes: 1000, 10000. A name is a parameter of the ' +
            `workloads, a placeholder {name} of an argument, or ${SWEPT_OPTIONS.join(', ')}`
          }
          value={typeof sweep === 'object' ? sweep : undefined}
          write={linesOf}
          read={sweepOf}
          errors={errorsAt('sweep')}
          onChange={(changed) => change({ sweep: changed ?? {} })}
        />
      )}
      {kind !== 'values' && <FieldErrors errors={errorsAt('sweep')} />}
    </fieldset>
  );
}

function kindOf(sweep: Sweep | undefined): Kind {
  return sweep === undefined ? 'none' : sweep === 'events' ? 'events' : 'values';
}
