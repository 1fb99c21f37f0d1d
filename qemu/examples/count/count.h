/*
 * Counters of the count instrumentation: one array per thread, so that
 * counting neither locks nor loses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef COUNT_H
#define COUNT_H

#include <stdint.h>
#include <qemu-instr/events.h>

#define COUNT_INDEX(name, NAME, params, args) COUNT_INDEX_##NAME,
enum { QI_FOREACH_EVENT(COUNT_INDEX) COUNT_EVENTS };

/* in a library too, no call per access */
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* NULL until the thread has counted something */
extern __thread uint64_t *count_of_thread INITIAL_EXEC;

uint64_t *count_new_thread(void);

static inline void count_one(unsigned index)
{
    uint64_t *counts = count_of_thread;

    if (__builtin_expect(counts == NULL, 0)) {
        counts = count_new_thread();
    }
    counts[index]++;
}

#endif /* COUNT_H */
