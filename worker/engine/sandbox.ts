/**
 * What holds for every container of ours, whatever runs in it; what differs is in ContainerSpec. SECURITY.md says for
 * each kind of container what it adds up to. Docker's own masks of /proc and /sys and its seccomp profile apply
 * because nothing here replaces them.
 */
export const SANDBOX = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  Privileged: false,
  PublishAllPorts: false,
  // Namespaces of its own.
  IpcMode: 'private',
  CgroupnsMode: 'private',
  PidMode: '',
  UTSMode: '',
  // Nothing of the host's.
  Binds: [],
  Devices: [],
  DeviceRequests: [],
  VolumesFrom: [],
  // Output is taken from the attached stream; nothing is kept on the host's disk.
  LogConfig: { Type: 'none', Config: {} },
  AutoRemove: false,
  RestartPolicy: { Name: '' },
  OomScoreAdj: 500,
  MemorySwappiness: 0,
  ShmSize: 64 * 1024 * 1024,
};

/** The name that a container sees for its host, and a nameserver that does not answer: the host's own are nobody's business. */
export const HOSTNAME = 'qibench';
export const NO_NAMESERVER = '127.0.0.1';

export const OPEN_FILES = 4096;
