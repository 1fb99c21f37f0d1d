/*
 * Conformance: events-post.h comes after the code of the trace header that
 * includes it, so that inlined code can trace other events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef EVENTS_POST_H
#define EVENTS_POST_H

static inline void qi_event_memory_region_ops_write(int cpu_index, void *mr,
                                                    uint64_t addr,
                                                    uint64_t value,
                                                    unsigned size,
                                                    const char *name)
{
    trace_memory_region_ops_read(cpu_index, mr, addr, value, size, name);
}

#endif /* EVENTS_POST_H */
