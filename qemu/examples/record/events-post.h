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
#include "record.h"

#if defined(QI_TYPE_STATIC)
#define RECORD_LINKAGE static inline
#else
#define RECORD_LINKAGE
#endif

#define RECORD_CALLBACK(name, NAME, params, args) \
    RECORD_LINKAGE void qi_event_##name params \
    { \
        RecordBuffer *buffer = record_room(); \
        uint8_t *at = record_begin(buffer, RECORD_INDEX_##NAME); \
        \
        RECORD_ARGUMENTS args \
        record_end(buffer, at); \
    }

QI_FOREACH_EVENT(RECORD_CALLBACK)

#endif /* EVENTS_POST_H */
