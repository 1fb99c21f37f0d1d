// SPDX-License-Identifier: GPL-2.0-or-later
/** Re-exports the parts of prom-client that other services use. */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';
