/*
 * count: how often each instrumented event fires.
 *
 * Works with any selection of events, unchanged in dynamic and static mode.
 * The callbacks are in events-post.h, so that static mode can inline them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include "count.h"

/* Counters of all threads that counted, newest first; they outlive threads. */
typedef struct CountBlock {
    uint64_t counts[COUNT_EVENTS];
    struct CountBlock *next;
} CountBlock;

static CountBlock *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__thread uint64_t *count_of_thread INITIAL_EXEC;

uint64_t *count_new_thread(void)
{
    CountBlock *block = calloc(1, sizeof(*block));

    if (!block) {
        abort();
    }
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
    count_of_thread = block->counts;
    return count_of_thread;
}

#if defined(QI_TYPE_DYNAMIC)
#include "events-post.h"
#endif

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc;
    (void)argv;
    /* static instrumentation is in place already */
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

static void print_total(const char *name, size_t index)
{
    uint64_t total = 0;

    for (CountBlock *block = blocks; block != NULL; block = block->next) {
        total += __atomic_load_n(&block->counts[index], __ATOMIC_RELAXED);
    }
    fprintf(stderr, "QIBENCH events.%s=%" PRIu64 " count\n", name, total);
}

void qi_fini(void)
{
#define PRINT_TOTAL(name, NAME, params, args) \
    print_total(#name, COUNT_INDEX_##NAME);

    pthread_mutex_lock(&lock);
    QI_FOREACH_EVENT(PRINT_TOTAL)
    pthread_mutex_unlock(&lock);
}
