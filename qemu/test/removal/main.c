/*
 * Conformance: a processor that leaves the list is not freed while a change of
 * callbacks tells the processors to leave their code. Includes flush.c of a
 * dynamic build; all headers that are not of the instrumentation are empty.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* what flush.c expects of QEMU, in user mode */
#define CONFIG_USER_ONLY
#define tcg_enabled() true
#define qatomic_set(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define qatomic_xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define CPU_FOREACH(cpu) for (cpu = first_cpu; cpu; cpu = NULL)

typedef struct CPUState {
    int cpu_index;
} CPUState;
typedef struct TraceEvent {
    int unused;
} TraceEvent;

static TraceEvent _TRACE_GUEST_BLOCK_EXEC_EVENT;
static TraceEvent _TRACE_GUEST_INSN_EXEC_EVENT;
static TraceEvent _TRACE_GUEST_MEM_ACCESS_EVENT;
static CPUState cpu;
static CPUState *first_cpu = &cpu;

/* instead of instrument/guest.h */
#define INSTRUMENT_GUEST_H
#define QI_INSTRUMENTED_GUEST_CODE
static void (*qi_generation_changed)(void);

static bool entered, release, removed;

static void cpu_exit(CPUState *cpu)
{
    (void)cpu;
    __atomic_store_n(&entered, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&release, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
}

#include "instrument/lock.c"
#include "instrument/mode.c"
#include "instrument/flush.c"

static void (*change)(TraceEvent *event);

void qi_hooks_on_change(void (*changed)(TraceEvent *event))
{
    change = changed;
}

static void *tell(void *opaque)
{
    change(&_TRACE_GUEST_BLOCK_EXEC_EVENT);
    return opaque;
}

static void *remove_cpu(void *opaque)
{
    qi_cpu_removed();
    __atomic_store_n(&removed, true, __ATOMIC_RELEASE);
    return opaque;
}

int main(void)
{
    pthread_t telling, removing;
    bool early;

    pthread_create(&telling, NULL, tell, NULL);
    while (!__atomic_load_n(&entered, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
    pthread_create(&removing, NULL, remove_cpu, NULL);
    /* time for a fault to be seen */
    usleep(200 * 1000);
    early = __atomic_load_n(&removed, __ATOMIC_ACQUIRE);
    __atomic_store_n(&release, true, __ATOMIC_RELEASE);
    pthread_join(telling, NULL);
    pthread_join(removing, NULL);
    puts(early ? "freed in use" : "freed after use");
    return 0;
}
