// SPDX-License-Identifier: GPL-2.0-or-later
import type Docker from 'dockerode';
import { LABEL, type ContainerSpec } from './engine.js';
import { HOSTNAME, NO_NAMESERVER, OPEN_FILES, SANDBOX } from './sandbox.js';
import type { SeccompProfiles } from './seccomp.js';

/** The operator's settings for containers. */
export interface EngineSettings {
  /** Container runtime, by a name that the engine knows; null: its default. */
  readonly runtime: string | null;
  readonly seccomp: SeccompProfiles;
}

/** Returns the capabilities of a container. All but two kinds run without any. */
function rightsOf({ network, traces }: ContainerSpec): string[] {
  // apt needs these to drop its privileges.
  if (network === 'archive') return ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];
  // bpftrace loads its program, and reads the emulator through /proc of a process that protects itself.
  return traces === undefined ? [] : ['DAC_READ_SEARCH', 'SYS_ADMIN', 'SYS_PTRACE'];
}

/** Returns Docker's create request for a container. The container has as few rights as possible. */
export function toCreateOptions(
  spec: ContainerSpec,
  { runtime, seccomp }: EngineSettings,
): Docker.ContainerCreateOptions {
  const offline = spec.network === 'none';
  return {
    Image: spec.image,
    Cmd: [...spec.command],
    Entrypoint: [],
    User: spec.user,
    Hostname: HOSTNAME,
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { [LABEL.owner]: '1', ...spec.labels },
    ...(spec.interactive === true ? { AttachStdin: true, OpenStdin: true, StdinOnce: true } : {}),
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: offline,
    HostConfig: {
      ...SANDBOX,
      ...(runtime === null ? {} : { Runtime: runtime }),
      SecurityOpt: [
        ...SANDBOX.SecurityOpt,
        `seccomp=${(spec.perf === true ? seccomp.perf : null) ?? seccomp.all}`,
      ],
      NetworkMode: offline ? 'none' : 'default',
      ...(offline ? { Dns: [NO_NAMESERVER], DnsSearch: ['.'] } : {}),
      ...(spec.traces === undefined ? {} : { PidMode: `container:${spec.traces}` }),
      CapAdd: rightsOf(spec),
      ReadonlyRootfs: spec.readOnlyRoot,
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      PidsLimit: spec.pids,
      ...(spec.cpuset === undefined ? {} : { CpusetCpus: spec.cpuset }),
      Ulimits: [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        { Name: 'fsize', Soft: spec.fileBytes, Hard: spec.fileBytes },
        ...(spec.realTimePriority === undefined
          ? []
          : [{ Name: 'rtprio', Soft: spec.realTimePriority, Hard: spec.realTimePriority }]),
      ],
      Tmpfs:
        spec.tmpBytes === undefined
          ? {}
          : { '/tmp': `rw,nosuid,nodev,exec,size=${spec.tmpBytes},mode=1777` },
      Mounts: [
        ...(spec.mounts ?? []).map((mount) => ({
          Type: 'volume' as const,
          Source: mount.volume,
          Target: mount.path,
          ReadOnly: mount.readOnly,
        })),
        ...(spec.hostPaths ?? []).map((path) => ({
          Type: 'bind' as const,
          Source: path,
          Target: path,
          ReadOnly: false,
        })),
      ],
    },
  };
}
