/*
 * What else was true while a program was measured: what the kernel says about the host before
 * and after, whether it ended a process for its memory, and how many instructions were executed.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_CONDITIONS_H
#define QIBENCH_CONDITIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

/* Files of the kernel as text, empty where there is none. They are the host's, also in a container. */
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
void host_state_print(const char *name, const HostState *state, const cpu_set_t *cpus);

/* How many processes of this container the kernel has ended for its memory; -1: it does not say. */
int64_t oom_kills(void);

/* Counts instructions in user mode of whatever we fork from now on, from its execve on. */
typedef struct Counter {
    int fd;                         /* -1: there is none, and skipped says why */
    char skipped[96];               /* no character that JSON would escape */
} Counter;

void counter_open(Counter *counter);
/* Reads and closes it. False if the count is not whole: another user had the counter for a time. */
bool counter_read(Counter *counter, uint64_t *instructions);

uint64_t now_ns(void);              /* CLOCK_MONOTONIC */

#endif
