// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded before the programs of a soak: SIGUSR2 collects garbage, so that only used memory counts.
// The inspector also returns the heap's empty pages to the system, unlike `gc()`.
import { Session } from 'node:inspector';

const session = new Session();
session.connect();
process.on('SIGUSR2', () => session.post('HeapProfiler.collectGarbage'));
