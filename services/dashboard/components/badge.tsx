// SPDX-License-Identifier: GPL-2.0-or-later
import type { ReactNode } from 'react';
import './badge.css';

/** Tone of a badge: the class that colours it, and a mark for readers who do not see colours. */
export type BadgeTone = readonly [
  className: '' | 'active' | 'better' | 'worse' | 'unsure',
  mark: string,
];

/** Shows a word with its tone. Colour, mark and word have the same meaning. */
export function Badge({
  tone: [className, mark],
  children,
}: {
  tone: BadgeTone;
  children: ReactNode;
}) {
  return (
    <span className={`badge ${className}`}>
      <span aria-hidden="true">{mark}</span>
      {children}
    </span>
  );
}
