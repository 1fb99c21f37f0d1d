// SPDX-License-Identifier: GPL-2.0-or-later
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { App } from './app.js';
import { BASE_PATH } from './http/address.js';
import { ApiError } from './http/client.js';
import { startTheme } from './components/theme.js';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/tables.css';
import './style/controls.css';
import './style/print.css';

startTheme();

// Retries requests that got no answer or a server error, but never a refused request.
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router base={BASE_PATH}>
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
