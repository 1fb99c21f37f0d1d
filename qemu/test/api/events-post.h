/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENTS_POST_H
#define EVENTS_POST_H

#include <qemu-instr/config.h>
#include <qemu-instr/events.h>

extern unsigned long api_writes;

#if defined(QI_TYPE_STATIC)
static inline
#endif
void qi_event_memory_region_ops_write(int cpu_index, void *mr, uint64_t addr,
                                      uint64_t value, unsigned size,
                                      const char *name)
{
    (void)cpu_index, (void)mr, (void)value, (void)size, (void)name;
    if (addr == 0x80) {
        __atomic_fetch_add(&api_writes, 1, __ATOMIC_RELAXED);
    }
}

#endif /* EVENTS_POST_H */
