// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Settings of every container that we create; ContainerSpec has the settings that differ, and
 * seccomp.ts the system calls. SECURITY.md describes the result for each kind of container. Docker's
 * own masks of /proc and /sys apply, because nothing here replaces them.
 */
export const SANDBOX = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  Privileged: false,
  PublishAllPorts: false,
  // Private namespaces.
  IpcMode: 'private',
  CgroupnsMode: 'private',
  PidMode: '',
  UTSMode: '',
  // No access to files, devices or volumes of the host.
  Binds: [],
  Devices: [],
  DeviceRequests: [],
  VolumesFrom: [],
  // The worker reads output from the attached stream; the host's disk stores none of it.
  LogConfig: { Type: 'none', Config: {} },
  AutoRemove: false,
  RestartPolicy: { Name: '' },
  OomScoreAdj: 500,
  MemorySwappiness: 0,
  ShmSize: 64 * 1024 * 1024,
};

/** Host name inside containers, instead of the host's own. */
export const HOSTNAME = 'qibench';
/** Nameserver inside containers, which never answers; hides the host's own. */
export const NO_NAMESERVER = '127.0.0.1';

export const OPEN_FILES = 4096;
