// SPDX-License-Identifier: GPL-2.0-or-later
import type { RefObject } from 'react';
import { token } from '../../components/theme.js';
import { drawMark } from './drawing.js';
import type { VariantStyle } from './variant-mark.js';

interface SaveFigureProps {
  /** Element around the canvas. */
  readonly figure: RefObject<HTMLElement | null>;
  readonly title: string;
  readonly legend: ReadonlyMap<string, VariantStyle>;
}

const HEAD = 44;

/** Shows a button that saves a figure as PNG, with its title and legend above it. */
export function SaveFigure({ figure, title, legend }: SaveFigureProps) {
  const save = () => {
    const canvas = figure.current?.querySelector('canvas');
    if (canvas)
      withHead(canvas, title, legend).toBlob(
        (blob) => blob !== null && download(blob, `${title.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`),
      );
  };
  return (
    <button
      type="button"
      className="plain no-print"
      onClick={save}
      aria-label={`Save as PNG: ${title}`}
    >
      Save as PNG
    </button>
  );
}

function withHead(
  canvas: HTMLCanvasElement,
  title: string,
  legend: ReadonlyMap<string, VariantStyle>,
): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  const pixels = devicePixelRatio;
  [copy.width, copy.height] = [canvas.width, canvas.height + HEAD * pixels];
  const context = copy.getContext('2d')!;
  context.fillStyle = token('--raised');
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, HEAD * pixels);
  context.scale(pixels, pixels);
  context.fillStyle = token('--text');
  context.font = `600 13px ${token('--sans')}`;
  context.fillText(title, 10, 17);
  context.font = `12px ${token('--sans')}`;
  let left = 10;
  for (const [name, style] of legend) {
    context.fillStyle = token(style.token);
    drawMark(context, style.shape, left + 5, 34, 4, false);
    context.fillStyle = token('--text');
    context.fillText(name, left + 14, 38);
    left += context.measureText(name).width + 30;
  }
  return copy;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
