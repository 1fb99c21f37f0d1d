/*
 * histogram: a histogram per instrumented event, see README.md.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include "histogram.h"

__thread HistogramSet *histogram_set INITIAL_EXEC;

/* All threads' sets; they outlive the thread. */
static HistogramSet *sets;
static const char *given;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned argument(void)
{
    const char *text = given ? given : getenv("QI_HISTOGRAM_ARGUMENT");

    return text ? strtoul(text, NULL, 10) : 0;
}

HistogramSet *histogram_new_thread(void)
{
    HistogramSet *set = calloc(1, sizeof(*set));

    if (set == NULL) {
        abort();
    }
    set->argument = argument();
    pthread_mutex_lock(&lock);
    set->next = sets;
    sets = set;
    pthread_mutex_unlock(&lock);
    histogram_set = set;
    return set;
}

#if defined(QI_TYPE_DYNAMIC)
#include "events-post.h"
#endif

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    given = argc > 0 ? argv[0] : NULL;
    /* static instrumentation is in place already */
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

static uint64_t lower_end(unsigned bucket)
{
    return bucket == 0 ? 0 : UINT64_C(1) << bucket;
}

static void print_percentile(const char *name, const uint64_t *counts,
                             uint64_t total, unsigned percent,
                             const char *unit)
{
    uint64_t below = 0;
    unsigned bucket = 0;

    while (bucket < HISTOGRAM_BUCKETS - 1
           && (below += counts[bucket]) * 100 < total * percent) {
        bucket++;
    }
    fprintf(stderr, "QIBENCH histogram.%s.p%u=%" PRIu64 " %s\n", name, percent,
            lower_end(bucket), unit);
}

static void print_histogram(const char *name, unsigned index)
{
    const char *unit = argument() == 0 ? "ns" : "value";
    uint64_t counts[HISTOGRAM_BUCKETS] = { 0 };
    uint64_t total = 0;

    for (HistogramSet *set = sets; set != NULL; set = set->next) {
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
            counts[i] += set->counts[index][i];
            total += set->counts[index][i];
        }
    }
    fprintf(stderr, "QIBENCH histogram.%s.total=%" PRIu64 " count\n", name,
            total);
    if (total == 0) {
        return;
    }
    print_percentile(name, counts, total, 50, unit);
    print_percentile(name, counts, total, 99, unit);
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (counts[i] > 0) {
            fprintf(stderr, "histogram %s %20" PRIu64 " %s %12" PRIu64 "\n",
                    name, lower_end(i), unit, counts[i]);
        }
    }
}

void qi_fini(void)
{
#define PRINT(name, NAME, params, args) \
    print_histogram(#name, HISTOGRAM_INDEX_##NAME);

    pthread_mutex_lock(&lock);
    QI_FOREACH_EVENT(PRINT)
    pthread_mutex_unlock(&lock);
}
