/*
 * Histograms of the histogram instrumentation: one set per thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <time.h>
#include <qemu-instr/events.h>

#define HISTOGRAM_BUCKETS 64

#define HISTOGRAM_INDEX(name, NAME, params, args) HISTOGRAM_INDEX_##NAME,
enum { QI_FOREACH_EVENT(HISTOGRAM_INDEX) HISTOGRAM_EVENTS };

typedef struct HistogramSet {
    uint64_t counts[HISTOGRAM_EVENTS][HISTOGRAM_BUCKETS];
    uint64_t last_ns[HISTOGRAM_EVENTS];
    /* which argument, from 1; 0 is the time */
    unsigned argument;
    struct HistogramSet *next;
} HistogramSet;

/* in a library too, no call per access */
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* NULL until the thread has counted something */
extern __thread HistogramSet *histogram_set INITIAL_EXEC;

HistogramSet *histogram_new_thread(void);

static inline void histogram_add(HistogramSet *set, unsigned index,
                                 uint64_t value)
{
    set->counts[index][63 - __builtin_clzll(value | 1)]++;
}

/* Counts an event. @values: its arguments. */
static inline void histogram_event(unsigned index, const uint64_t *values,
                                   unsigned n_values)
{
    HistogramSet *set = histogram_set;

    if (__builtin_expect(set == NULL, 0)) {
        set = histogram_new_thread();
    }
    if (set->argument == 0) {
        struct timespec now;
        uint64_t now_ns, last_ns = set->last_ns[index];

        clock_gettime(CLOCK_MONOTONIC, &now);
        now_ns = now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
        set->last_ns[index] = now_ns;
        if (last_ns != 0) {
            histogram_add(set, index, now_ns - last_ns);
        }
    } else {
        histogram_add(set, index, set->argument <= n_values
                                  ? values[set->argument - 1] : 0);
    }
}

#define HISTOGRAM_NUMBER(x) \
    _Generic((x), char *: 0, const char *: 0, \
             default: (uint64_t)(uintptr_t)(x)),

/* HISTOGRAM_EACH(M, a, b, c) is M(a) M(b) M(c), for up to ten arguments */
#define HISTOGRAM_EACH(M, ...) \
    HISTOGRAM_PICK(_, ##__VA_ARGS__, HISTOGRAM_10, HISTOGRAM_9, HISTOGRAM_8, \
                   HISTOGRAM_7, HISTOGRAM_6, HISTOGRAM_5, HISTOGRAM_4, \
                   HISTOGRAM_3, HISTOGRAM_2, HISTOGRAM_1, HISTOGRAM_0) \
    (M, ##__VA_ARGS__)
#define HISTOGRAM_PICK(_, a, b, c, d, e, f, g, h, i, j, NAME, ...) NAME
#define HISTOGRAM_0(M)
#define HISTOGRAM_1(M, a) M(a)
#define HISTOGRAM_2(M, a, ...) M(a) HISTOGRAM_1(M, __VA_ARGS__)
#define HISTOGRAM_3(M, a, ...) M(a) HISTOGRAM_2(M, __VA_ARGS__)
#define HISTOGRAM_4(M, a, ...) M(a) HISTOGRAM_3(M, __VA_ARGS__)
#define HISTOGRAM_5(M, a, ...) M(a) HISTOGRAM_4(M, __VA_ARGS__)
#define HISTOGRAM_6(M, a, ...) M(a) HISTOGRAM_5(M, __VA_ARGS__)
#define HISTOGRAM_7(M, a, ...) M(a) HISTOGRAM_6(M, __VA_ARGS__)
#define HISTOGRAM_8(M, a, ...) M(a) HISTOGRAM_7(M, __VA_ARGS__)
#define HISTOGRAM_9(M, a, ...) M(a) HISTOGRAM_8(M, __VA_ARGS__)
#define HISTOGRAM_10(M, a, ...) M(a) HISTOGRAM_9(M, __VA_ARGS__)

#define HISTOGRAM_NUMBERS(...) \
    HISTOGRAM_EACH(HISTOGRAM_NUMBER, ##__VA_ARGS__) 0

#endif /* HISTOGRAM_H */
