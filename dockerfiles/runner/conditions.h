/*
 * What else was true while a program was measured: how fast this CPU was just before, what the
 * kernel says about the host before and after, and how many instructions were executed.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_CONDITIONS_H
#define QIBENCH_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Files of the kernel as text, empty where there is none. They are the host's, also in a container. */
typedef struct HostState {
    char stat[65536];               /* the lines of CPUs of /proc/stat */
    char pressure_cpu[256], pressure_io[256], pressure_memory[256];
    char load[128];                 /* /proc/loadavg */
    char frequencies_khz[8192];     /* a number per CPU that we may use, one a line */
} HostState;

void host_state_read(HostState *state);
void host_state_print(const char *name, const HostState *state);    /* "name":{...} */

/* Time of a fixed piece of work that fits into the first cache, some ms, in ns. */
uint64_t canary_ns(void);

/* Counts instructions in user mode of whatever we fork from now on, from its execve on. */
typedef struct Counter {
    int fd;                         /* -1: there is none, and skipped says why */
    char skipped[96];               /* no character that JSON would escape */
} Counter;

void counter_open(Counter *counter);
/* False if the count is not whole: another user had the counter for some of the time. */
bool counter_read(Counter *counter, uint64_t *instructions);

uint64_t now_ns(void);              /* CLOCK_MONOTONIC */

#endif
