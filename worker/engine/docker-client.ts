// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';
import { Agent } from 'node:http';

/**
 * Creates the engine's client, which reads DOCKER_HOST and related variables like Docker's own. Every
 * request has a connection of its own: Node's default agent keeps connections, and a request on one
 * that the engine closes at that moment fails with EPIPE.
 */
export function dockerClient(): Docker {
  const docker = new Docker();
  const modem = docker.modem as unknown as { protocol: string; agent?: Agent };
  if (modem.protocol === 'http') modem.agent = new Agent({ keepAlive: false });
  return docker;
}
