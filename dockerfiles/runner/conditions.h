/*
 * Conditions during a measurement: the kernel's view of the host before and
 * after, whether the kernel ended a process for its memory, and how many
 * instructions were executed.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_CONDITIONS_H
#define QIBENCH_CONDITIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Files of the kernel as text, empty if missing. They show the host, also in a
 * container.
 */
typedef struct HostState {
    char stat[65536];               /* of /proc/stat the lines of CPUs */
    char pressure_cpu[256], pressure_io[256], pressure_memory[256];
    char load[128];                 /* /proc/loadavg */
    char frequencies_khz[8192];     /* a number per CPU, one a line */
} HostState;

/* Opens the kernel's files, which stay open: reading them has to be cheap. */
void conditions_open(void);
void host_state_read(HostState *state, const cpu_set_t *cpus);
/* "name":{...}, with the lines of /proc/stat of these CPUs alone. */
void host_state_print(const char *name, const HostState *state,
                      const cpu_set_t *cpus);

/*
 * Number of this container's processes that the kernel ended for its memory;
 * -1: unknown.
 */
int64_t oom_kills(void);

/*
 * Counts user-mode instructions of all later child processes, from their execve
 * on.
 */
typedef struct Counter {
    int fd;                         /* -1: no counter; skipped has the reason */
    char skipped[96];               /* no character that JSON would escape */
} Counter;

void counter_open(Counter *counter);
/* Reads it while the children run. False if the count is incomplete. */
bool counter_peek(const Counter *counter, uint64_t *instructions);
/*
 * Reads and closes it. False if the count is incomplete: another user had the
 * counter for a time.
 */
bool counter_read(Counter *counter, uint64_t *instructions);

uint64_t now_ns(void);              /* CLOCK_MONOTONIC */

#endif
