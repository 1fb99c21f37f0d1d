// SPDX-License-Identifier: GPL-2.0-or-later
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Profile } from '#contract/profile.js';
import { changeWords, costWords, PART_WORDS } from '#contract/explanation-words.js';
import { percent } from '../../format/numbers.js';
import { changesByName, flameLayout, neighbour, type FlameBox } from './flame-layout.js';

const ROW_PX = 20;
/** Change of a function, as a share of all work, that has the full colour. */
const FULL_COLOUR = 0.1;

interface FlameGraphProps {
  readonly profile: Profile;
  /** Profile whose difference colours the frames; null: parts colour them. */
  readonly reference: Profile | null;
  /** Text to highlight in names. */
  readonly search: string;
}

/** Shows a call tree as a flame graph with the roots at the top. A click or Enter zooms in. */
export function FlameGraph({ profile, reference, search }: FlameGraphProps) {
  const [zoomed, setZoomed] = useState<number | null>(null);
  const [focused, setFocused] = useState(0);
  const graph = useRef<HTMLDivElement>(null);
  const boxes = useMemo(() => flameLayout(profile.tree, zoomed), [profile.tree, zoomed]);
  const changes = useMemo(
    () => (reference === null ? null : changesByName(profile, reference)),
    [profile, reference],
  );
  const rows = boxes.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  const current = boxes.some(({ index }) => index === focused) ? focused : boxes[0]?.index;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setZoomed(null);
    const next = neighbour(boxes, focused, event.key);
    if (next === null) return;
    event.preventDefault();
    setFocused(next);
    graph.current?.querySelector<HTMLElement>(`[data-frame="${next}"]`)?.focus();
  };
  return (
    <>
      <div
        ref={graph}
        className="flame"
        role="group"
        aria-label="Flame graph: arrow keys move, Enter zooms in, Escape zooms out"
        style={{ height: rows * ROW_PX }}
        onKeyDown={onKeyDown}
      >
        {boxes.map((box) => (
          <Frame
            key={box.index}
            box={box}
            profile={profile}
            change={changes?.get(box.frame.name) ?? null}
            found={search !== '' && box.frame.name.includes(search)}
            tabbable={box.index === current}
            onZoom={() => {
              setFocused(box.index);
              setZoomed(box.index);
            }}
          />
        ))}
      </div>
      {zoomed !== null && (
        <button type="button" className="button" onClick={() => setZoomed(null)}>
          Show everything
        </button>
      )}
    </>
  );
}

interface FrameProps {
  readonly box: FlameBox;
  readonly profile: Profile;
  readonly change: number | null;
  readonly found: boolean;
  readonly tabbable: boolean;
  readonly onZoom: () => void;
}

function Frame({ box, profile, change, found, tabbable, onZoom }: FrameProps) {
  const { index, frame, depth, left, width, total } = box;
  const words =
    `${frame.name}, ${PART_WORDS[frame.part]}: ${costWords(total)} ${profile.unit}, ` +
    `${percent(total / profile.total)}` +
    (change === null ? '' : `; its own change ${changeWords(change * profile.total)}`);
  return (
    <button
      type="button"
      className={`flame-frame ${change === null ? `part-${frame.part}` : ''} ${found ? 'found' : ''}`}
      data-frame={index}
      tabIndex={tabbable ? 0 : -1}
      title={words}
      aria-label={words}
      onClick={onZoom}
      style={{
        left: `${100 * left}%`,
        width: `${100 * width}%`,
        top: depth * ROW_PX,
        height: ROW_PX - 1,
        ...(change === null ? {} : { background: colourOf(change) }),
      }}
    >
      {frame.name}
    </button>
  );
}

function colourOf(change: number): string {
  const strength = Math.round(100 * Math.min(1, Math.abs(change) / FULL_COLOUR));
  return `color-mix(in srgb, var(${change > 0 ? '--worse-soft' : '--better-soft'}) ${strength}%, var(--sunken))`;
}
