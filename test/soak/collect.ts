// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded before the programs of a soak: SIGUSR2 collects garbage, so that only used memory counts.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
process.on('SIGUSR2', runInNewContext('gc') as () => void);
