import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEY = 'qibench.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function current(): Theme {
  return document.documentElement.dataset.theme as Theme;
}

/** Apply what was chosen before, else what the system prefers, from then on. Call once, before the first render. */
export function startTheme(): void {
  apply();
  system.addEventListener('change', apply);
  // Paper is white.
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

/** The theme that is shown; plots are drawn anew when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

/** The colour that a token of style/tokens.css has now, for canvases. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
