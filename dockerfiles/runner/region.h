/*
 * A region of interest of a run: the time between two texts that the guest
 * prints. The runner takes it when it reads the last byte of a text, some
 * microseconds after the guest has written it; QEMU and variants of it need no
 * change. An event of the run is not attributed to its region.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_REGION_H
#define QIBENCH_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "conditions.h"

#define REGION_MARK_BYTES 200       /* the most of a text, without its NUL */

/* The state of a run at a moment. */
typedef struct Moment {
    uint64_t wall_ns;               /* CLOCK_MONOTONIC */
    uint64_t cpu_ns;                /* of the program's first process */
    uint64_t instructions;
    bool counted;                   /* instructions has a value */
} Moment;

typedef struct Region {
    const char *marks[2];           /* begin and end; NULL: no region */
    int seen;                       /* number of marks that were found */
    size_t matched;                 /* bytes of the next mark, at the end */
    size_t borders[REGION_MARK_BYTES + 1];  /* of the next mark */
    Moment moments[2];
    pid_t pid;
    Counter *counter;
    bool ended;                     /* last is the moment of every later mark */
    Moment last;
} Region;

bool region_accepts(const char *mark);
/* Begins to search for the marks in the output of a program. */
void region_begin(Region *region, const char *begin, const char *end, pid_t pid,
                  Counter *counter);
/* The program has ended at this time: a mark found later counts then. */
void region_end(Region *region, uint64_t wall_ns, uint64_t cpu_ns);
/* Searches the next piece of the output. */
void region_search(Region *region, const char *data, size_t len);
/* "region":{...}, or nothing if a mark is missing. */
void region_print(const Region *region);

#endif
