/*
 * A set-associative cache with LRU replacement, one per thread (and so one per
 * virtual processor).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CACHE_H
#define CACHE_H

#include <stdint.h>
#include <string.h>
#include <qemu-instr/events.h>

#ifndef QI_DECLARED_GUEST_MEM_ACCESS
#error "this instrumentation needs the event guest_mem_access"
#endif

#define CACHE_LINE_BITS 6
#define CACHE_WAYS 8
#define CACHE_SETS 64 /* 64 sets * 8 ways * 64 bytes = 32 KiB */

typedef struct Cache {
    /* number of the line + 1, most recently used first; 0 is empty */
    uint64_t lines[CACHE_SETS][CACHE_WAYS];
    uint64_t accesses;
    uint64_t misses;
    struct Cache *next;
} Cache;

/* in a library too, no call per access */
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* NULL until the thread has accessed memory */
extern __thread Cache *cache_of_thread INITIAL_EXEC;

Cache *cache_new_thread(void);

static inline void cache_access(uint64_t address)
{
    Cache *cache = cache_of_thread;
    uint64_t line = (address >> CACHE_LINE_BITS) + 1;
    uint64_t *set;
    unsigned way = 0;

    if (__builtin_expect(cache == NULL, 0)) {
        cache = cache_new_thread();
    }
    set = cache->lines[(line - 1) % CACHE_SETS];
    cache->accesses++;
    if (__builtin_expect(set[0] == line, 1)) {
        return;
    }
    while (way < CACHE_WAYS - 1 && set[way] != line) {
        way++;
    }
    cache->misses += set[way] != line;
    memmove(set + 1, set, way * sizeof(set[0]));
    set[0] = line;
}

#endif /* CACHE_H */
