// SPDX-License-Identifier: GPL-2.0-or-later
import { isSourceAddress } from './source.js';

/** Returns whether an entry of an operator's list is a host, which means https, or an origin. */
export function isSourceHost(entry: string): boolean {
  const address = `${originOf(entry)}/x`;
  return isSourceAddress(address) && addressOrigin(address) === originOf(entry);
}

/** Returns whether an operator's list allows an address. */
export function allowsSource(hosts: readonly string[], address: string): boolean {
  return hosts.some((host) => originOf(host) === addressOrigin(address));
}

/** Returns an entry of an operator's list as an origin: `https://gitlab.com` for `gitlab.com`. */
export function originOf(entry: string): string {
  return (entry.includes('://') ? entry : `https://${entry}`).toLowerCase();
}

/** Returns scheme, host and port of an address; the origin of a URL is opaque for git://. */
export function addressOrigin(address: string): string {
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`.toLowerCase();
}
