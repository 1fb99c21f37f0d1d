// SPDX-License-Identifier: GPL-2.0-or-later
import { useQuery } from '@tanstack/react-query';
import type { EventList, Target } from '#contract/qemu.js';
import { count } from '../../format/numbers.js';
import { get, withQuery } from '../../http/client.js';
import { FieldErrors } from '../../components/field.js';
import type { FormProps } from './draft.js';
import { EventSearch } from './event-search.js';
import { isGlob, targetKind } from './event-pattern.js';

/** Maximum number of selected events that are listed. */
const SHOWN = 100;

/** Shows the selected events of a job and a search over all events. */
export function EventPicker({ draft, change, errorsAt }: FormProps) {
  const { events, qemu } = draft;
  const add = (pattern: string) => {
    if (!events.includes(pattern)) change({ events: [...events, pattern] });
  };
  return (
    <section className="card" aria-label="Events">
      <div className="card-head">
        <h2>Events</h2>
        <span className="soft">required by every mode except none and plugin</span>
      </div>
      {events.length === 0 ? (
        <p className="soft">No events selected.</p>
      ) : (
        <ul className="chips" aria-label="Selected events">
          {events.slice(0, SHOWN).map((pattern, index) => (
            <li
              key={pattern}
              className={`chip ${errorsAt(`events.${index}`).length > 0 ? 'wrong' : ''}`}
            >
              <span className="mono break">{pattern}</span>
              {isGlob(pattern) && (
                <GlobCount pattern={pattern} version={qemu.version} target={qemu.target} />
              )}
              <button
                type="button"
                className="plain"
                aria-label={`Remove ${pattern}`}
                onClick={() => change({ events: events.filter((other) => other !== pattern) })}
              >
                ×
              </button>
            </li>
          ))}
          {events.length > SHOWN && (
            <li className="soft">and {count(events.length - SHOWN)} more</li>
          )}
          {events.length > 1 && (
            <li>
              <button type="button" onClick={() => change({ events: [] })}>
                Remove all
              </button>
            </li>
          )}
        </ul>
      )}
      <FieldErrors errors={errorsAt('events')} />
      <EventSearch version={qemu.version} target={qemu.target} chosen={events} onAdd={add} />
    </section>
  );
}

/** Shows the number of events that a glob selects in a job. */
function GlobCount({
  pattern,
  version,
  target,
}: {
  pattern: string;
  version: string;
  target: Target;
}) {
  const found = useQuery({
    queryKey: ['events', version, target, pattern, 'count'],
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      get<EventList>(
        withQuery(`/v1/qemu/${version}/events`, {
          match: pattern,
          kind: targetKind(target),
          enabled: true,
          limit: 1,
        }),
        signal,
      ),
  });
  return (
    <span className="soft">
      {found.data === undefined ? '…' : `${count(found.data.total)} events`}
    </span>
  );
}
