// SPDX-License-Identifier: GPL-2.0-or-later
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Frame } from './components/frame.js';
import { JobsPage } from './pages/jobs/jobs-page.js';

// The jobs page is in the first bundle; every other page loads when it is opened.
const SubmitPage = lazy(() =>
  import('./pages/submit/submit-page.js').then((page) => ({ default: page.SubmitPage })),
);
const JobPage = lazy(() =>
  import('./pages/job/job-page.js').then((page) => ({ default: page.JobPage })),
);
const ComparisonPage = lazy(() =>
  import('./pages/comparison/comparison-page.js').then((page) => ({
    default: page.ComparisonPage,
  })),
);
const ProfilePage = lazy(() =>
  import('./pages/profile/profile-page.js').then((page) => ({ default: page.ProfilePage })),
);
const TracePage = lazy(() =>
  import('./pages/trace/trace-page.js').then((page) => ({ default: page.TracePage })),
);
const HistoryPage = lazy(() =>
  import('./pages/history/history-page.js').then((page) => ({ default: page.HistoryPage })),
);
const HostsPage = lazy(() =>
  import('./pages/hosts/hosts-page.js').then((page) => ({ default: page.HostsPage })),
);

export function App() {
  return (
    <Frame>
      <Suspense fallback={<div className="placeholder" style={{ minHeight: 400 }} />}>
        <Switch>
          <Route path="/">
            <JobsPage />
          </Route>
          <Route path="/submit">
            <SubmitPage />
          </Route>
          <Route path="/jobs/:id">{({ id }) => <JobPage id={id} key={id} />}</Route>
          <Route path="/jobs/:id/compare">{({ id }) => <ComparisonPage id={id} key={id} />}</Route>
          <Route path="/jobs/:id/profile">{({ id }) => <ProfilePage id={id} key={id} />}</Route>
          <Route path="/traces/:id">{({ id }) => <TracePage id={id} key={id} />}</Route>
          <Route path="/history">
            <HistoryPage />
          </Route>
          <Route path="/hosts">
            <HostsPage />
          </Route>
          <Route>
            <p className="empty">Page not found.</p>
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}
