// SPDX-License-Identifier: GPL-2.0-or-later
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { addressOf } from '../http/address.js';
import { useSignedOut } from '../http/session.js';
import { SignIn } from './sign-in.js';
import { SignOut } from './sign-out.js';
import { chooseTheme, useTheme } from './theme.js';
import './frame.css';

const PLACES = [
  { to: '/', name: 'Jobs', also: /^\/(jobs|submit|traces)(\/|$)/ },
  { to: '/history', name: 'History', also: null },
  { to: '/hosts', name: 'Hosts', also: null },
] as const;

/** Shows the header and the navigation around every page. */
export function Frame({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const theme = useTheme();
  const signedOut = useSignedOut();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <>
      <a className="frame-skip" href="#main">
        Skip to content
      </a>
      <header className="frame-header">
        <Link href="/" className="frame-name">
          <img src={addressOf('/icon.svg')} alt="" width="24" height="24" />
          qibench
        </Link>
        <nav className="frame-nav" aria-label="Pages">
          {PLACES.map(({ to, name, also }) => (
            <Link
              key={to}
              href={to}
              aria-current={location === to || also?.test(location) ? 'page' : undefined}
            >
              {name}
            </Link>
          ))}
        </nav>
        <a className="frame-api" href={addressOf('/docs')}>
          API
        </a>
        <SignOut />
        <button
          type="button"
          className="plain"
          onClick={() => chooseTheme(other)}
          aria-label={`Use ${other} colours`}
        >
          <span aria-hidden="true">{theme === 'dark' ? '☀' : '☾'}</span>
        </button>
      </header>
      <main id="main" className="frame-main" tabIndex={-1}>
        {signedOut ? <SignIn /> : children}
      </main>
    </>
  );
}
