// SPDX-License-Identifier: GPL-2.0-or-later
import { panned, zoomed, type View } from './time-axis.js';

type Change = (change: (view: View) => View) => void;

const WHEEL_ZOOM = 0.0018;
const KEY_ZOOM = 0.5;
const KEY_PAN = 0.25;
/** A press that moves fewer pixels than this is a click. */
const CLICK_PX = 4;

/** Returns the change that a key makes to the view; null for any other key. */
export function keyChange(key: string, spanNs: number): ((view: View) => View) | null {
  const middle = ({ fromNs, toNs }: View) => (fromNs + toNs) / 2;
  if (key === '+' || key === '=') return (view) => zoomed(view, KEY_ZOOM, middle(view));
  if (key === '-') return (view) => zoomed(view, 1 / KEY_ZOOM, middle(view));
  if (key === 'ArrowLeft') return (view) => panned(view, -KEY_PAN);
  if (key === 'ArrowRight') return (view) => panned(view, KEY_PAN);
  if (key === 'Home') return (view) => ({ fromNs: 0, toNs: view.toNs - view.fromNs });
  if (key === 'End')
    return (view) => ({ fromNs: spanNs - (view.toNs - view.fromNs), toNs: spanNs });
  if (key === '0') return () => ({ fromNs: 0, toNs: spanNs });
  return null;
}

/**
 * Listens to wheel, drag, pinch and click on an element.
 * @param onClick Gets the position of the click as a share of the width.
 * @returns A function that stops listening.
 */
export function listenToGestures(
  element: HTMLElement,
  change: Change,
  onClick: (share: number) => void,
): () => void {
  const pointers = new Map<number, number>();
  let moved = 0;
  const share = (clientX: number) => {
    const { left, width } = element.getBoundingClientRect();
    return (clientX - left) / width;
  };
  const at = (view: View, part: number) => view.fromNs + part * (view.toNs - view.fromNs);

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      change((view) => panned(view, sideways / element.clientWidth));
    else
      change((view) =>
        zoomed(view, Math.exp(event.deltaY * WHEEL_ZOOM), at(view, share(event.clientX))),
      );
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.clientX);
    moved = 0;
  };
  const onMove = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    pointers.set(event.pointerId, event.clientX);
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    moved += Math.abs(event.clientX - before);
    if (other === undefined)
      return change((view) => panned(view, (before - event.clientX) / element.clientWidth));
    // Two fingers: the moment under each finger stays under it.
    const [apart, now] = [Math.abs(before - other), Math.abs(event.clientX - other)];
    if (apart > 1 && now > 1) change((view) => zoomed(view, apart / now, at(view, share(other))));
  };
  const onUp = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === 'pointerup' && moved < CLICK_PX) onClick(share(event.clientX));
  };
  // Only a listener that is not passive can keep wheel events from scrolling the page.
  element.addEventListener('wheel', onWheel, { passive: false });
  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onUp);
  return () => {
    element.removeEventListener('wheel', onWheel);
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('pointermove', onMove);
    element.removeEventListener('pointerup', onUp);
    element.removeEventListener('pointercancel', onUp);
  };
}
