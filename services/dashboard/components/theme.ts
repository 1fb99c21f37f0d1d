// SPDX-License-Identifier: GPL-2.0-or-later
import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEY = 'qibench.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function current(): Theme {
  return document.documentElement.dataset.theme as Theme;
}

/**
 * Applies the theme chosen earlier, else the system's preference, and follows its changes. Call it
 * once, before the first render.
 */
export function startTheme(): void {
  apply();
  system.addEventListener('change', apply);
  // Paper is white: print in light colours.
  addEventListener('beforeprint', () => show('light'));
  addEventListener('afterprint', apply);
}

function apply(): void {
  show((localStorage.getItem(KEY) as Theme | null) ?? (system.matches ? 'dark' : 'light'));
}

function show(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  apply();
}

/** Returns the current theme; a change renders again, so that plots are redrawn. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

/** Returns the current colour of a token of style/tokens.css, for canvases. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
