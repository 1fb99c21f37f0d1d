import type Docker from 'dockerode';
import { LABEL, type ContainerSpec } from './backend.js';

/** Docker's create request for a container of ours: everything that can be taken away is taken away. */
export function toCreateOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const offline = spec.network === 'none';
  return {
    Image: spec.image,
    Cmd: [...spec.command],
    Entrypoint: [],
    User: spec.user,
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { [LABEL.owner]: '1', ...spec.labels },
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: offline,
    HostConfig: {
      NetworkMode: offline ? 'none' : 'default',
      // apt drops its privileges with these; steps that run uploaded code are offline and get none.
      CapDrop: ['ALL'],
      CapAdd: offline ? [] : ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
      SecurityOpt: ['no-new-privileges:true'],
      Privileged: false,
      ReadonlyRootfs: spec.readOnlyRoot,
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      MemorySwappiness: 0,
      OomScoreAdj: 500,
      PidsLimit: spec.pids,
      ...(spec.cpuset === undefined ? {} : { CpusetCpus: spec.cpuset }),
      Ulimits: [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 4096, Hard: 4096 },
      ],
      Tmpfs: spec.tmpBytes === undefined ? {} : { '/tmp': `rw,nosuid,nodev,exec,size=${spec.tmpBytes},mode=1777` },
      Mounts: (spec.mounts ?? []).map((mount) => ({ Type: 'volume' as const, Source: mount.volume, Target: mount.path, ReadOnly: mount.readOnly })),
      // Output is taken from the attached stream; nothing is kept on the host's disk.
      LogConfig: { Type: 'none', Config: {} },
      AutoRemove: false,
      IpcMode: 'private',
      ShmSize: 64 * 1024 * 1024,
    },
  };
}
