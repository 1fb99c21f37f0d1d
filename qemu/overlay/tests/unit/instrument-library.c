/*
 * Trace instrumentation: the library that the unit test loads. Its first
 * argument says what it does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/trace.h>
#include "test-instrument.h"

#define THREADS 2

/* Memory of the library: a late callback would touch it after dlclose(). */
static size_t entered, left;
/* The same in memory that QEMU frees. */
static size_t *calls;

static char first, second;

static const char **arguments;
static pthread_t threads[THREADS];
static size_t n_threads;
static bool stop, stopped;

static void count(size_t size, void *ptr)
{
    __atomic_fetch_add(&entered, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add((size_t *)ptr, size, __ATOMIC_RELAXED);
    /* be found inside, and return into code that must still be there */
    sched_yield();
    __atomic_fetch_add(&left, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(calls, 1, __ATOMIC_RELAXED);
}

void qi_event_qemu_anon_ram_alloc(size_t size, void *ptr)
{
    count(size, ptr);
}

/* A function that has the name of one of the runtime's own. */
void qi_stop(void)
{
    stopped = true;
}

static void count_once(size_t size, void *ptr)
{
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_QEMU_ANON_RAM_ALLOC),
                      QI_CTRL_INSTR_NOP);
    count(size, ptr);
}

static void count_first(size_t size, void *ptr, void *data)
{
    if (data != &first) {
        abort();
    }
    count(size, ptr);
}

static void count_second(size_t size, void *ptr, void *data)
{
    if (data != &second) {
        abort();
    }
    count(size, ptr);
}

void qi_event_qemu_vfree(void *ptr)
{
    Meeting *meeting = ptr;

    if (!meeting) {
        /* by what QEMU does about another callback */
        qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_QEMU_VFREE),
                          QI_CTRL_INSTR_NOP);
        return;
    }
    __atomic_store_n(&meeting->entered, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&meeting->release, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
    meeting->left = 1;
}

static void *use_api(void *opaque)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        QIEvent *ev = qi_ctrl_event_pattern("qemu_anon_ram_a*", NULL);
        bool traced = qi_trace_event_get_state_dynamic(ev);

        qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        qi_trace_event_set_state_dynamic(ev, !traced);
        qi_ctrl_event_set(ev, QI_CTRL_INSTR_NOP);
        qi_ctrl_event_set(ev, QI_CTRL_INSTR_TRACE);
        sched_yield();
        qi_ctrl_event_set_data(ev, (void *)count_first, &first);
        qi_ctrl_event_set_data(ev, (void *)count_second, &second);
        qi_ctrl_event_set(ev, (void *)count_once);
    }
    return opaque;
}

void qi_init(int argc, const char **argv)
{
    QIEvent *alloc = qi_ctrl_event_id(QI_EVENT_QEMU_ANON_RAM_ALLOC);
    const char *what = argc > 0 ? argv[0] : "";

    arguments = argv;
    calls = qi_ctrl_alloc(sizeof(*calls));
    qi_stop();
    if (strcmp(what, "wait") == 0) {
        qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_QEMU_VFREE),
                          QI_CTRL_INSTR_AUTO);
    } else if (strcmp(what, "once") == 0) {
        qi_ctrl_event_set(alloc, (void *)count_once);
    } else {
        qi_ctrl_event_set(alloc, QI_CTRL_INSTR_AUTO);
    }
    if (strcmp(what, "threads") == 0) {
        while (n_threads < THREADS
               && pthread_create(&threads[n_threads], NULL, use_api, NULL)
                  == 0) {
            n_threads++;
        }
    } else if (strcmp(what, "refuse") == 0) {
        qi_ctrl_fail_init("not today");
    } else if (!stopped) {
        qi_ctrl_fail_init("qi_stop() is not the library's");
    }
}

void qi_fini(void)
{
    /* arguments are valid until here */
    if (arguments[0] && strcmp(arguments[0], "threads") == 0) {
        __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
        while (n_threads > 0) {
            pthread_join(threads[--n_threads], NULL);
        }
    }
    qi_ctrl_fail_init("too late");
}
