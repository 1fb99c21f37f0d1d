// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import type { Trace } from '#contract/trace.js';
import { timeText } from '#contract/trace-time.js';
import { Field } from '../../components/field.js';
import { GoToTime } from './go-to-time.js';
import { keyChange, listenToGestures } from './gestures.js';
import { lanesOf, MOST_LANES, type LaneOrder } from './lanes.js';
import { centred, zoomed } from './time-axis.js';
import { Timeline } from './timeline.js';
import { TraceMap } from './trace-map.js';
import { traceName } from './trace-name.js';
import { originOf } from './trace-times.js';
import { useAddress } from './use-address.js';
import { useView } from './use-view.js';

interface TimelinesProps {
  traces: readonly Trace[];
  spanNs: number;
  /** Null without a cursor. */
  cursorNs: number | null;
  onCursor: (atNs: number) => void;
}

const BUTTONS = [
  { key: 'ArrowLeft', mark: '←', label: 'Earlier' },
  { key: 'ArrowRight', mark: '→', label: 'Later' },
  { key: '+', mark: '+', label: 'Zoom in' },
  { key: '-', mark: '−', label: 'Zoom out' },
  { key: '0', mark: 'All', label: 'Show the whole trace' },
] as const;

/** Shows traces along one axis that begins at each trace's first record. */
export function Timelines({ traces, spanNs, cursorNs, onCursor }: TimelinesProps) {
  const [view, change] = useView(traces[0]!, spanNs);
  const [search, changeAddress] = useAddress();
  const filter = search.get('lanes') ?? '';
  const order: LaneOrder = search.get('order') === 'name' ? 'name' : 'count';
  const lanes = useMemo(() => lanesOf(traces, filter, order), [traces, filter, order]);
  const shown = useMemo(() => lanes.slice(0, MOST_LANES), [lanes]);
  const surface = useRef<HTMLDivElement>(null);
  const timeField = useRef<HTMLInputElement>(null);
  const origin = originOf(traces[0]!);
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  }, [view]);
  useEffect(
    () =>
      listenToGestures(surface.current!, change, (share) =>
        onCursor(
          Math.round(latest.current.fromNs + share * (latest.current.toNs - latest.current.fromNs)),
        ),
      ),
    [change, onCursor],
  );

  const press = (key: string): boolean => {
    const changed = keyChange(key, spanNs);
    if (changed !== null) change(changed);
    return changed !== null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'g') timeField.current?.focus();
    else if (event.key === 'Enter') onCursor(Math.round((view.fromNs + view.toNs) / 2));
    else if (!press(event.key)) return;
    event.preventDefault();
  };
  const digit = (view.toNs - view.fromNs) / 1000;
  const range =
    `${timeText(view.fromNs, digit)} to ${timeText(view.toNs, digit)} of ` +
    `${timeText(spanNs, spanNs / 1000)}`;
  return (
    <>
      <div className="timeline-controls">
        <Field label="Event name contains">
          {(control) => (
            <input
              {...control}
              type="search"
              value={filter}
              onChange={({ target }) => changeAddress({ lanes: target.value })}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </Field>
        <Field label="Order">
          {(control) => (
            <select
              {...control}
              value={order}
              onChange={({ target }) =>
                changeAddress({ order: target.value === 'name' ? 'name' : null })
              }
            >
              <option value="count">most records first</option>
              <option value="name">by name</option>
            </select>
          )}
        </Field>
        <GoToTime
          ends={{ firstNs: traces[0]!.firstNs, lastNs: `${origin + BigInt(spanNs) - 1n}` }}
          field={timeField}
          onGo={(atNs) => {
            onCursor(atNs);
            change((now) => centred(now, atNs));
          }}
        />
        <div className="row timeline-buttons">
          {BUTTONS.map(({ key, mark, label }) => (
            <button
              key={key}
              type="button"
              aria-label={label}
              title={label}
              onClick={() => press(key)}
            >
              {mark}
            </button>
          ))}
        </div>
        <p className="timeline-range" role="status" aria-label="Shown time">
          {range}
        </p>
      </div>
      <TraceMap
        trace={traces[0]!}
        spanNs={spanNs}
        view={view}
        onMove={(atNs) => change((now) => centred(now, atNs))}
      />
      <div
        className="timeline-surface"
        ref={surface}
        tabIndex={0}
        role="group"
        aria-label={
          'Timeline: arrow keys move, plus and minus zoom, 0 shows all, g goes to a time, ' +
          'Enter sets the cursor to the middle'
        }
        onKeyDown={onKeyDown}
        onDoubleClick={(event) => doubleClick(event.currentTarget, event.clientX)}
      >
        {traces.map((trace) => (
          <Timeline
            key={trace.id}
            trace={trace}
            name={traces.length > 1 ? traceName(trace) : null}
            view={view}
            lanes={shown}
            cursorNs={cursorNs}
          />
        ))}
      </div>
      {lanes.length > shown.length && (
        <p className="soft">{lanes.length - shown.length} more events hidden: filter by name.</p>
      )}
      {lanes.length === 0 && <p className="soft break">No event name contains “{filter}”.</p>}
      <p className="soft keys">
        Wheel or + − to zoom, drag or ← → to move, 0 for all, g for a time. A click or Enter sets
        the cursor; the list of records begins there. Times count from the first record
        {traces.length > 1 ? ' of each trace' : ''}, at{' '}
        {traces.map(({ firstNs }) => firstNs ?? '–').join(' and ')} ns of the host’s clock.
      </p>
    </>
  );

  function doubleClick(element: HTMLElement, clientX: number): void {
    const { left, width } = element.getBoundingClientRect();
    change((now) =>
      zoomed(now, 0.25, now.fromNs + ((clientX - left) / width) * (now.toNs - now.fromNs)),
    );
  }
}
