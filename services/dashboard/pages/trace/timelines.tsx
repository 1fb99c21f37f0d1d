// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Trace } from '#contract/trace.js';
import { Field } from '../../components/field.js';
import { keyChange, listenToGestures } from './gestures.js';
import { lanesOf, MOST_LANES, type LaneOrder } from './lanes.js';
import { relative, within, zoomed } from './time-axis.js';
import { Timeline } from './timeline.js';
import { TraceMap } from './trace-map.js';
import { traceName } from './trace-name.js';
import { useView } from './use-view.js';

interface TimelinesProps {
  traces: readonly Trace[];
  spanNs: number;
  cursorNs: number;
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
  const [view, change] = useView(spanNs);
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<LaneOrder>('count');
  const lanes = useMemo(() => lanesOf(traces, filter, order), [traces, filter, order]);
  const shown = useMemo(() => lanes.slice(0, MOST_LANES), [lanes]);
  const surface = useRef<HTMLDivElement>(null);
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
    if (event.key === 'Enter') onCursor(Math.round((view.fromNs + view.toNs) / 2));
    else if (!press(event.key)) return;
    event.preventDefault();
  };
  const digit = (view.toNs - view.fromNs) / 1000;
  const range =
    `${relative(view.fromNs, digit)} to ${relative(view.toNs, digit)} of ` +
    `${relative(spanNs, spanNs / 1000)}`;
  return (
    <>
      <div className="timeline-controls">
        <Field label="Event name contains">
          {(control) => (
            <input
              {...control}
              type="search"
              value={filter}
              onChange={({ target }) => setFilter(target.value)}
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
              onChange={({ target }) => setOrder(target.value as LaneOrder)}
            >
              <option value="count">most records first</option>
              <option value="name">by name</option>
            </select>
          )}
        </Field>
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
        onMove={(atNs) =>
          change((now) =>
            within(
              {
                fromNs: atNs - (now.toNs - now.fromNs) / 2,
                toNs: atNs + (now.toNs - now.fromNs) / 2,
              },
              spanNs,
            ),
          )
        }
      />
      <div
        className="timeline-surface"
        ref={surface}
        tabIndex={0}
        role="group"
        aria-label={
          'Timeline: arrow keys move, plus and minus zoom, 0 shows all, Enter sets the cursor ' +
          'to the middle'
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
        Wheel or + − to zoom, drag or ← → to move, 0 for all. A click or Enter sets the cursor; the
        list of records begins there.
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
