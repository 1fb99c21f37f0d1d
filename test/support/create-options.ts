// SPDX-License-Identifier: GPL-2.0-or-later
import Docker from 'dockerode';

export type Options = Docker.ContainerCreateOptions;
/** Part of the options about the host. */
export type HostConfig = NonNullable<Options['HostConfig']>;

/** Changes the host part of options. */
export const host =
  (changes: HostConfig) =>
  (options: Options): Options => ({
    ...options,
    HostConfig: { ...options.HostConfig, ...changes },
  });
/** Changes one limit of options. */
export const ulimit =
  (name: string, limit: number) =>
  (options: Options): Options =>
    host({
      Ulimits: options.HostConfig!.Ulimits!.map((ulimit) =>
        ulimit.Name === name ? { Name: name, Soft: limit, Hard: limit } : ulimit,
      ),
    })(options);
/** Changes the options of /tmp. Docker adds nosuid and nodev by default. */
export const tmpfs =
  (option: RegExp, instead: string) =>
  (options: Options): Options =>
    host({ Tmpfs: { '/tmp': options.HostConfig!.Tmpfs!['/tmp']!.replace(option, instead) } })(
      options,
    );
