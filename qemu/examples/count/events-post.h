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
#include "count.h"

#if defined(QI_TYPE_STATIC)
#define COUNT_LINKAGE static inline
#else
#define COUNT_LINKAGE
#endif

#define COUNT_CALLBACK(name, NAME, params, args) \
    COUNT_LINKAGE void qi_event_##name params \
    { \
        count_one(COUNT_INDEX_##NAME); \
    }

QI_FOREACH_EVENT(COUNT_CALLBACK)

#endif /* EVENTS_POST_H */
