/*
 * What a run measured, and its answer on stdout.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_RESULT_H
#define QIBENCH_RESULT_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/time.h>
#include "conditions.h"
#include "output.h"

typedef struct Result {
    uint64_t wall_ns;
    struct rusage usage;
    int status;             /* wait4's */
    bool ran;               /* status is the program's */
    bool timed_out;
    int64_t oom_kills;      /* during the run; -1 unknown */
    cpu_set_t cpus;         /* that it could run on */
    HostState before, after;
    Counter counter;
    uint64_t instructions;
    bool counted;           /* instructions has a value */
    char error[160];        /* without characters that JSON would escape */
    char left_behind[512];  /* as above */
} Result;

static inline uint64_t tv_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
}

/* Sets the error: what failed, and the text of errno's value; 0: none. */
void result_fail(Result *r, const char *what, int error);

/* Prints the line of JSON and the output; false if stdout is closed. */
bool result_print(const Result *r, const Output *out);

#endif
