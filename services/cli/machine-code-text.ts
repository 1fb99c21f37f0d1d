// SPDX-License-Identifier: GPL-2.0-or-later
import { printable } from '#client/printable.js';
import type { TracePointCode, VariantCode } from '#contract/machine-code.js';
import { shownVariant } from '#contract/side.js';
import { render } from './render.js';

const nameOf = ({ variant, side }: VariantCode): string =>
  printable(shownVariant({ name: variant, side }));

/** Formats machine code side by side: sizes, then a line per trace point with each variant. */
export function machineCodeText(variants: readonly VariantCode[]): string {
  if (variants.length === 0) return '';
  const points = variants.flatMap((variant) => variant.points);
  const keys = [...new Set(points.map(keyOf))];
  const functions = [...new Set(variants.flatMap((one) => one.functions.map(({ name }) => name)))];
  return [
    render(
      [
        { head: 'variant', cell: nameOf },
        { head: 'code, bytes', cell: ({ textBytes }) => String(textBytes), right: true },
        { head: 'data, bytes', cell: ({ dataBytes }) => String(dataBytes), right: true },
      ],
      variants,
    ),
    'trace points: instructions and bytes on the fast path, and how the callback is reached',
    render(
      [
        { head: 'event in function', cell: (key) => printable(key) },
        ...variants.map((variant) => ({
          head: nameOf(variant),
          cell: (key: string) => pointText(variant.points.find((point) => keyOf(point) === key)),
        })),
      ],
      keys,
    ),
    'functions: bytes, and registers that they save or spill',
    render(
      [
        { head: 'function', cell: (name) => printable(name) },
        ...variants.map((variant) => ({
          head: nameOf(variant),
          cell: (name: string) => {
            const found = variant.functions.find((one) => one.name === name);
            return found === undefined ? null : `${found.bytes} B, ${found.stackStores} saved`;
          },
          right: true,
        })),
      ],
      functions,
    ),
  ].join('\n');
}

/** Formats the disassembly of every trace point of a variant; `>` marks the trace point's own. */
export function listingText(variant: VariantCode): string {
  return variant.points
    .map((point) =>
      [
        `${keyOf(point)}, ${nameOf(variant)}:`,
        ...point.listing.map(({ offset, text, source, own }) =>
          [
            own ? '>' : ' ',
            offset.toString(16).padStart(5),
            text.padEnd(56),
            source === null ? '' : source,
          ]
            .join('  ')
            .trimEnd(),
        ),
      ]
        .map((line) => printable(line))
        .join('\n'),
    )
    .join('\n\n');
}

const keyOf = ({ event, function: holder }: TracePointCode): string => `${event} in ${holder}`;

function pointText(point: TracePointCode | undefined): string | null {
  if (point === undefined) return null;
  const { instructions, bytes, slowBytes, callback } = point;
  const slow = slowBytes === 0 ? '' : `, ${slowBytes} B elsewhere`;
  return `${instructions} in ${bytes} B${slow}${callback === 'none' ? '' : `, ${callback}`}`;
}
