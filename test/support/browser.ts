// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Viewport sizes in px that every page must support. */
export const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

export interface Visitor {
  readonly page: Page;
  /**
   * Complaints of the browser: script errors, refused requests, violations of the content security
   * policy.
   */
  readonly complaints: string[];
}

/** Starts Debian's Chromium headless. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
  return chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** Opens a new browser context, like a first visit to the dashboard. */
export async function visitor(
  browser: Browser,
  baseURL: string,
  {
    size = 'desktop',
    theme = 'light',
  }: { size?: keyof typeof SIZES; theme?: 'light' | 'dark' } = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL,
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

/** Returns whether the page has no horizontal overflow. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const { documentElement } = (
      globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      }
    ).document;
    return documentElement.scrollWidth <= documentElement.clientWidth;
  });
}
