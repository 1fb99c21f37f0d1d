/*
 * Conformance: threads of the library change callbacks while the guest runs,
 * until qi_fini(). The first call is printed, with the number that is its
 * argument.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/trace.h>

#define THREADS 2

static pthread_t threads[THREADS];
static bool stop;
static uint64_t calls;
static int round_number;

static void count(void)
{
    if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) == 0) {
        fprintf(stderr, "BEGUN %d\n", round_number);
    }
}

void qi_event_memory_region_ops_write(int cpu_index, void *mr, uint64_t addr,
                                      uint64_t value, unsigned size,
                                      const char *name)
{
    (void)cpu_index, (void)mr, (void)addr, (void)value, (void)size, (void)name;
    count();
}

void qi_event_exec_tb(void *tb, uintptr_t pc)
{
    /* a callback that takes itself away; a thread puts it back */
    (void)tb, (void)pc;
    count();
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_EXEC_TB), QI_CTRL_INSTR_NOP);
}

static void *change(void *opaque)
{
    QIEvent *write = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE);
    QIEvent *exec = qi_ctrl_event_id(QI_EVENT_EXEC_TB);

    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        qi_ctrl_event_set(write, QI_CTRL_INSTR_AUTO);
        qi_ctrl_event_set(exec, QI_CTRL_INSTR_AUTO);
        qi_trace_event_set_state_dynamic(write, false);
        qi_ctrl_event_set(write, QI_CTRL_INSTR_TRACE);
    }
    return opaque;
}

void qi_init(int argc, const char **argv)
{
    round_number = argc > 0 ? atoi(argv[0]) : 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, change, NULL);
    }
}

void qi_fini(void)
{
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    fprintf(stderr, "CALLS %" PRIu64 "\n", calls);
}
