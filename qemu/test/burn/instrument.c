/*
 * A slowdown of a known size: of the time since the last burn, BURN_PERMILLE
 * thousandths are spent again doing nothing. The first burn is of the time
 * since QEMU was started, so that a run with events to its end is slower by
 * that share as a whole. burn.h says how many; it is written for every build.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <time.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include "burn.h"

/* short against a run, long against reading the clock */
#define EVENTS_PER_BURN 4096

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

void qi_event_memory_region_ops_write(int cpu_index, void *mr, uint64_t addr,
                                      uint64_t value, unsigned size,
                                      const char *name)
{
    static unsigned events;
    static uint64_t last_ns;
    uint64_t start_ns, spent_ns, end_ns;

    (void)cpu_index, (void)mr, (void)addr, (void)value, (void)size, (void)name;
    if (++events % EVENTS_PER_BURN != 0) {
        return;
    }
    start_ns = now_ns(CLOCK_MONOTONIC);
    /* starting QEMU is the work of one thread, and hardly waits */
    spent_ns = last_ns ? start_ns - last_ns : now_ns(CLOCK_PROCESS_CPUTIME_ID);
    end_ns = start_ns + spent_ns * BURN_PERMILLE / 1000;
    while (now_ns(CLOCK_MONOTONIC) < end_ns) {
        /* burn */
    }
    last_ns = now_ns(CLOCK_MONOTONIC);
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE),
                      QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
}
