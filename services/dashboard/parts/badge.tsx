import type { ReactNode } from 'react';
import './badge.css';

/** How something is shown: the class that colours it, and a mark for those who do not see colours. */
export type BadgeLook = readonly [
  className: '' | 'active' | 'better' | 'worse' | 'unsure',
  mark: string,
];

/** A word with its look: colour, mark and word say the same. */
export function Badge({
  look: [className, mark],
  children,
}: {
  look: BadgeLook;
  children: ReactNode;
}) {
  return (
    <span className={`badge ${className}`}>
      <span aria-hidden="true">{mark}</span>
      {children}
    </span>
  );
}
