// SPDX-License-Identifier: GPL-2.0-or-later
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import type { EventList, Target, TraceEvent } from '#contract/qemu.js';
import { count } from '../../format/numbers.js';
import { EVENT_PATTERN } from '#contract/constants.js';
import { get, withQuery } from '../../http/client.js';
import { Field } from '../../components/field.js';
import { Loaded } from '../../components/loaded.js';
import { useSettled } from '../../components/use-settled.js';
import { isGlob, targetKind } from './event-pattern.js';

const SHOWN = 50;
const SETTLED_MS = 200;

interface EventSearchProps {
  version: string;
  target: Target;
  chosen: readonly string[];
  onAdd: (pattern: string) => void;
}

/** Finds events by part of the name or a glob, by directory and by argument. */
export function EventSearch({ version, target, chosen, onAdd }: EventSearchProps) {
  const [wanted, setWanted] = useState({ name: '', directory: '', argument: '' });
  const settled = useSettled(wanted, SETTLED_MS);
  const glob = isGlob(settled.name);
  const found = useQuery({
    queryKey: ['events', version, target, settled],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const name = glob ? { match: settled.name, enabled: true } : { contains: settled.name };
      return get<EventList>(
        withQuery(`/v1/qemu/${version}/events`, {
          ...name,
          directory: settled.directory,
          argument: settled.argument,
          kind: targetKind(target),
          limit: SHOWN,
        }),
        signal,
      );
    },
  });
  const globToAdd = isGlob(wanted.name) && EVENT_PATTERN.test(wanted.name) ? wanted.name : null;
  // Enter adds the glob or the one matching event; it does not submit the form.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const events = found.data?.events ?? [];
    const meant =
      globToAdd ??
      events.find(({ name }) => name === wanted.name)?.name ??
      (events.length === 1 && settled === wanted ? events[0]!.name : undefined);
    if (meant !== undefined) onAdd(meant);
  };
  return (
    <div
      className="event-search"
      role="search"
      aria-label="Search events"
      onKeyDown={(event) => event.target instanceof HTMLInputElement && onKeyDown(event)}
    >
      <div className="submit-three">
        <Field label="Find events" hint="part of the name, or a glob with * and ?">
          {(control) => (
            <input
              {...control}
              type="search"
              spellCheck={false}
              autoComplete="off"
              value={wanted.name}
              onChange={(event) => setWanted({ ...wanted, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Directory" hint="its beginning, for example hw/block">
          {(control) => (
            <input
              {...control}
              type="search"
              spellCheck={false}
              value={wanted.directory}
              onChange={(event) => setWanted({ ...wanted, directory: event.target.value })}
            />
          )}
        </Field>
        <Field label="Argument" hint="part of a name or type">
          {(control) => (
            <input
              {...control}
              type="search"
              spellCheck={false}
              value={wanted.argument}
              onChange={(event) => setWanted({ ...wanted, argument: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div className="row event-found">
        <span className="soft" role="status">
          {found.data !== undefined && foundText(found.data.total)}
        </span>
        {globToAdd !== null && (
          <button
            type="button"
            disabled={chosen.includes(globToAdd)}
            onClick={() => onAdd(globToAdd)}
          >
            Add {globToAdd}
          </button>
        )}
      </div>
      <Loaded query={found} height={260}>
        {({ events }) => (
          <ul className="event-list" aria-label="Matching events" onKeyDown={moveFocus}>
            {events.map((event, index) => (
              <EventRow
                key={event.name}
                event={event}
                first={index === 0}
                chosen={chosen.includes(event.name)}
                onAdd={onAdd}
              />
            ))}
            {events.length === 0 && <li className="empty">No matching events.</li>}
          </ul>
        )}
      </Loaded>
    </div>
  );
}

function foundText(total: number): string {
  const events = `${count(total)} ${total === 1 ? 'event' : 'events'}`;
  return total > SHOWN ? `${events}, showing the first ${SHOWN}` : events;
}

/** Moves the focus with the arrow keys: the whole list is one tab stop. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  buttons[buttons.findIndex((button) => button === document.activeElement) + step]?.focus();
}

interface EventRowProps {
  event: TraceEvent;
  first: boolean;
  chosen: boolean;
  onAdd: (name: string) => void;
}

function EventRow({
  event: { name, directory, arguments: taken, properties },
  first,
  chosen,
  onAdd,
}: EventRowProps) {
  return (
    <li>
      <div>
        <span className="mono break">{name}</span>{' '}
        {properties.includes('disable') && <span className="badge unsure">disabled by QEMU</span>}
        <div className="field-hint break">
          {directory === '' ? '(top)' : directory} ·{' '}
          {taken.length === 0
            ? 'no arguments'
            : taken.map(({ type, name: argument }) => `${type} ${argument}`).join(', ')}
        </div>
      </div>
      <button
        type="button"
        tabIndex={first ? 0 : -1}
        aria-disabled={chosen}
        aria-label={chosen ? `${name} is added` : `Add ${name}`}
        onClick={() => onAdd(name)}
      >
        {chosen ? 'Added' : 'Add'}
      </button>
    </li>
  );
}
