// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { JobList } from '#contract/job.js';
import type { QemuVersion } from '#contract/qemu.js';
import type { Baseline } from '#contract/side.js';
import { get } from '../../http/client.js';
import { Field, FieldErrors } from '../../components/field.js';
import { filledText, type FormProps } from './draft.js';
import { UploadField } from './upload-field.js';

type Differing = Exclude<Baseline, 'same'>;
type Kind = 'none' | 'same' | 'job' | 'other';

const KINDS: Record<Kind, string> = {
  none: 'nothing',
  same: 'itself (A/A: measures the false-alarm rate of this host)',
  job: 'the QEMU, events and instrumentation of another job',
  other: 'the same with another QEMU version, other patches, events or instrumentation',
};
const START: Record<Kind, Baseline | undefined> = {
  none: undefined,
  same: 'same',
  job: { job: '' },
  other: {},
};

function baselineKind(baseline: Baseline | undefined): Kind {
  if (baseline === undefined) return 'none';
  if (baseline === 'same') return 'same';
  return 'job' in baseline ? 'job' : 'other';
}

/** Fields for the baseline of a job, which runs in the same blocks. */
export function BaselineFields({
  draft,
  change,
  errorsAt,
  versions,
}: FormProps & { versions: readonly QemuVersion[] }) {
  const group = useId();
  const { baseline } = draft;
  const kind = baselineKind(baseline);
  return (
    <fieldset className="card">
      <legend className="card-legend">Compared with</legend>
      <div className="radios">
        {(Object.keys(KINDS) as Kind[]).map((known) => (
          <label key={known} className="check">
            <input
              type="radio"
              name={group}
              checked={kind === known}
              onChange={() => change({ baseline: START[known] })}
            />{' '}
            {KINDS[known]}
          </label>
        ))}
      </div>
      {typeof baseline === 'object' && (
        <DifferingFields
          baseline={baseline}
          kind={kind}
          versions={versions}
          errorsAt={errorsAt}
          onChange={(differing) => change({ baseline: differing })}
        />
      )}
      <FieldErrors errors={errorsAt('baseline')} />
    </fieldset>
  );
}

interface DifferingFieldsProps {
  baseline: Differing;
  kind: Kind;
  versions: readonly QemuVersion[];
  errorsAt: FormProps['errorsAt'];
  onChange: (baseline: Differing) => void;
}

function DifferingFields({ baseline, kind, versions, errorsAt, onChange }: DifferingFieldsProps) {
  const list = useId();
  const recent = useQuery({
    queryKey: ['jobs', 'recent'],
    enabled: kind === 'job',
    queryFn: ({ signal }) => get<JobList>('/v1/jobs?limit=50', signal),
  });
  const set = <N extends keyof Differing>(name: N, value: Differing[N] | undefined) => {
    const { [name]: _, ...others } = baseline;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  const patches =
    baseline.patches === null ? 'none' : baseline.patches === undefined ? 'like' : 'upload';
  return (
    <>
      {kind === 'job' && (
        <Field
          label="Job"
          hint="id of a job; the list offers recent ones"
          errors={errorsAt('baseline.job')}
        >
          {(control) => (
            <>
              <input
                {...control}
                className="mono"
                list={list}
                spellCheck={false}
                value={baseline.job}
                onChange={(event) => onChange({ ...baseline, job: event.target.value.trim() })}
              />
              <datalist id={list}>
                {recent.data?.jobs.map(({ id, name }) => (
                  <option key={id} value={id} label={name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
      <div className="submit-pair">
        <Field label="QEMU version of the base" errors={errorsAt('baseline.version')}>
          {(control) => (
            <select
              {...control}
              value={baseline.version ?? ''}
              onChange={(event) => set('version', filledText(event.target.value))}
            >
              <option value="">unchanged</option>
              {versions.map(({ version }) => (
                <option key={version}>{version}</option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Patches of the base"
          errors={patches === 'upload' ? [] : errorsAt('baseline.patches')}
        >
          {(control) => (
            <select
              {...control}
              value={patches}
              onChange={(event) =>
                set('patches', { like: undefined, none: null, upload: '' }[event.target.value])
              }
            >
              <option value="like">unchanged</option>
              <option value="none">none</option>
              <option value="upload">an upload</option>
            </select>
          )}
        </Field>
      </div>
      {patches === 'upload' && (
        <UploadField
          kind="patches"
          label="patches of the base"
          digest={filledText(baseline.patches!)}
          onChange={(digest) => set('patches', digest ?? '')}
          errors={errorsAt('baseline.patches')}
        />
      )}
      <Field
        label="Events of the base"
        hint="names or globs, separated by blanks; empty: unchanged"
        errors={errorsAt('baseline.events')}
      >
        {(control) => (
          <input
            {...control}
            className="mono"
            spellCheck={false}
            value={(baseline.events ?? []).join(' ')}
            onChange={(event) =>
              set('events', event.target.value === '' ? undefined : event.target.value.split(' '))
            }
          />
        )}
      </Field>
      <details
        open={
          baseline.instrumentation !== undefined || errorsAt('baseline.instrumentation').length > 0
        }
      >
        <summary>Another instrumentation for the base</summary>
        <UploadField
          kind="code"
          label="instrumentation of the base"
          digest={baseline.instrumentation}
          onChange={(digest) => set('instrumentation', digest)}
          errors={errorsAt('baseline.instrumentation')}
        />
      </details>
    </>
  );
}
