// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { Job } from '#contract/job.js';
import type { Profile, ProfileList, ProfileSummary } from '#contract/profile.js';
import { PART_WORDS } from '#contract/explanation-words.js';
import { percent } from '../../format/numbers.js';
import { shownVariant } from '../../format/variant.js';
import { addressOf } from '../../http/address.js';
import { get, withQuery } from '../../http/client.js';
import { Loaded } from '../../components/loaded.js';
import { useTitle } from '../../components/title.js';
import { FlameGraph } from './flame-graph.js';
import { FunctionTable } from './function-table.js';
import './profile.css';

const FORMATS = {
  callgrind: 'callgrind’s file',
  collapsed: 'collapsed stacks',
  speedscope: 'speedscope',
} as const;

const nameOf = ({ variant, side, workload }: ProfileSummary): string =>
  `${shownVariant({ name: variant, side })} with ${workload}`;
const queryOf = ({ variant, side, workload }: ProfileSummary) => ({ variant, side, workload });

/** Shows the profiles of a job: parts, flame graph and functions of one run. */
export function ProfilePage({ id }: { id: string }) {
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(`/v1/jobs/${encodeURIComponent(id)}`, signal),
  });
  const list = useQuery({
    queryKey: ['profiles', id],
    queryFn: ({ signal }) =>
      get<ProfileList>(`/v1/jobs/${encodeURIComponent(id)}/profiles`, signal),
  });
  useTitle(job.data === undefined ? 'Profiles' : `Profiles: ${job.data.name}`);
  return (
    <>
      <div className="page-head">
        <h1>{job.data?.name ?? 'Profiles'}</h1>
        <Link href={`/jobs/${id}/compare`} className="button no-print">
          Comparison
        </Link>
      </div>
      <Loaded query={list} height={600}>
        {({ profiles }) =>
          profiles.length === 0 ? (
            <p className="card empty">
              No profiles. A job with <code>profile: true</code> takes them after its measured
              blocks.
            </p>
          ) : (
            <Profiles id={id} profiles={profiles} />
          )
        }
      </Loaded>
    </>
  );
}

function Profiles({ id, profiles }: { id: string; profiles: ProfileList['profiles'] }) {
  const [choice, setChoice] = useSearchParams();
  const [search, setSearch] = useState('');
  const chosen = profiles.find((one) => nameOf(one) === choice.get('run')) ?? profiles[0]!;
  const against = profiles.find((one) => nameOf(one) === choice.get('against')) ?? null;
  const others = profiles.filter(
    (one) => one.workload === chosen.workload && nameOf(one) !== nameOf(chosen),
  );
  const change = (key: string, value: string) =>
    setChoice(
      (before) => {
        if (value === '') before.delete(key);
        else before.set(key, value);
        return before;
      },
      { replace: true },
    );
  const profile = useProfile(id, chosen);
  const reference = useProfile(id, against);
  return (
    <>
      <form className="filters" aria-label="Selection" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor="run">Run</label>
          <select
            id="run"
            value={nameOf(chosen)}
            onChange={(event) => change('run', event.target.value)}
          >
            {profiles.map((one) => (
              <option key={nameOf(one)}>{nameOf(one)}</option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="against">Colour by change from</label>
          <select
            id="against"
            value={against === null ? '' : nameOf(against)}
            onChange={(event) => change('against', event.target.value)}
          >
            <option value="">parts, no change</option>
            {others.map((one) => (
              <option key={nameOf(one)}>{nameOf(one)}</option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="search">Search functions</label>
          <input
            id="search"
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
      </form>
      <Parts profile={chosen} />
      <Loaded query={profile} height={600}>
        {(loaded) => (
          <>
            <section className="card" aria-labelledby="flame">
              <h2 id="flame">Flame graph</h2>
              <p className="soft small">
                The width is the cost with everything below. The tree is estimated from the call
                graph.
              </p>
              <FlameGraph
                key={nameOf(loaded)}
                profile={loaded}
                reference={reference.data ?? null}
                search={search}
              />
            </section>
            <section className="card" aria-labelledby="functions">
              <h2 id="functions">Functions</h2>
              <FunctionTable profile={loaded} search={search} />
            </section>
          </>
        )}
      </Loaded>
      <section className="card no-print" aria-labelledby="exports">
        <h2 id="exports">Download</h2>
        <ul className="downloads">
          {Object.entries(FORMATS).map(([format, name]) =>
            format === 'callgrind' && chosen.fileBytes === null ? null : (
              <li key={format}>
                <a
                  href={addressOf(
                    withQuery(`/v1/jobs/${id}/profile/export`, { ...queryOf(chosen), format }),
                  )}
                  download
                >
                  {name}
                </a>
              </li>
            ),
          )}
        </ul>
      </section>
    </>
  );
}

function useProfile(id: string, run: ProfileSummary | null) {
  return useQuery({
    queryKey: ['profile', id, run === null ? null : nameOf(run)],
    queryFn: ({ signal }) =>
      get<Profile>(withQuery(`/v1/jobs/${id}/profile`, queryOf(run!)), signal),
    enabled: run !== null,
  });
}

/** Shows the share of each part of the emulator, as a list beside the colours of the graph. */
function Parts({ profile }: { profile: ProfileSummary }) {
  return (
    <ul className="parts" aria-label="Parts">
      {profile.split
        .filter(({ self }) => self > 0)
        .map(({ part, self }) => (
          <li key={part}>
            <span className={`part-key part-${part}`} /> {PART_WORDS[part]}{' '}
            {percent(self / profile.total)}
          </li>
        ))}
    </ul>
  );
}
