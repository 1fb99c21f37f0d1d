/*
 * cache: a model of a data cache, see README.md.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include "cache.h"

__thread Cache *cache_of_thread INITIAL_EXEC;

/* All threads' caches; they outlive the thread. */
static Cache *caches;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

Cache *cache_new_thread(void)
{
    Cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL) {
        abort();
    }
    pthread_mutex_lock(&lock);
    cache->next = caches;
    caches = cache;
    pthread_mutex_unlock(&lock);
    cache_of_thread = cache;
    return cache;
}

#if defined(QI_TYPE_DYNAMIC)
#include "events-post.h"
#endif

void qi_init(int argc, const char **argv)
{
    (void)argc;
    (void)argv;
    /* static instrumentation is in place already */
    if (qi_ctrl_dynamic()) {
        qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_MEM_ACCESS),
                          QI_CTRL_INSTR_AUTO);
    }
}

void qi_fini(void)
{
    uint64_t accesses = 0, misses = 0;

    pthread_mutex_lock(&lock);
    for (Cache *cache = caches; cache != NULL; cache = cache->next) {
        accesses += cache->accesses;
        misses += cache->misses;
    }
    pthread_mutex_unlock(&lock);
    fprintf(stderr, "QIBENCH cache.accesses=%" PRIu64 " count\n", accesses);
    fprintf(stderr, "QIBENCH cache.misses=%" PRIu64 " count\n", misses);
}
