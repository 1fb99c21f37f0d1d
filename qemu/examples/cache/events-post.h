/*
 * The callback: inlined into QEMU in static mode, a function of the library in
 * dynamic mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef EVENTS_POST_H
#define EVENTS_POST_H

#include <qemu-instr/config.h>
#include <qemu-instr/events.h>
#include "cache.h"

#if defined(QI_TYPE_STATIC)
static inline
#endif
void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu;
    (void)value;
    (void)size;
    (void)store;
    (void)high;
    cache_access(address);
}

#endif /* EVENTS_POST_H */
