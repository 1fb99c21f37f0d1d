// SPDX-License-Identifier: GPL-2.0-or-later
import { badSettings } from '#contract/settings.js';

interface Value<T> {
  readonly setting: string;
  readonly value: T;
}

/** Converts an error of listening to one that names the setting; returns any other error unchanged. */
export function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: Value<string>; port: Value<number> },
): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return badSettings([
        { setting: port.setting, reason: `port ${port.value} is in use by another process` },
      ]);
    case 'EACCES':
      return badSettings([
        { setting: port.setting, reason: `this user may not listen on port ${port.value}` },
      ]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return badSettings([
        { setting: host.setting, reason: `"${host.value}" is not an address of this machine` },
      ]);
    default:
      return error;
  }
}
