/*
 * Callbacks: inlined into QEMU in static mode, functions of the library in
 * dynamic mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef EVENTS_POST_H
#define EVENTS_POST_H

#include <qemu-instr/config.h>
#include <qemu-instr/events.h>
#include "histogram.h"

#if defined(QI_TYPE_STATIC)
#define HISTOGRAM_LINKAGE static inline
#else
#define HISTOGRAM_LINKAGE
#endif

#define HISTOGRAM_CALLBACK(name, NAME, params, args) \
    HISTOGRAM_LINKAGE void qi_event_##name params \
    { \
        const uint64_t values[] = { HISTOGRAM_NUMBERS args }; \
        \
        histogram_event(HISTOGRAM_INDEX_##NAME, values, \
                        sizeof(values) / sizeof(values[0]) - 1); \
    }

QI_FOREACH_EVENT(HISTOGRAM_CALLBACK)

#endif /* EVENTS_POST_H */
