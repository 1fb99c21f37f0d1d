/*
 * Trace instrumentation: what differs by its type, for all programs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/lock.h"
#include "qemu-instr/control.h"
#include "qemu-instr/tcg.h"

bool qi_ctrl_dynamic(void)
{
#ifdef QI_TYPE_DYNAMIC
    return true;
#else
    return false;
#endif
}

void qi_cpu_removed(void)
{
#ifdef QI_TYPE_DYNAMIC
    qi_lock();
    qi_unlock();
#endif
}

#ifdef QI_TYPE_STATIC
uint64_t qi_kept_slots[QI_TCG_SLOTS];
#endif

void qi_keep_slots(uint64_t *slots)
{
#ifdef QI_TYPE_STATIC
    qi_lock();
    for (size_t i = 0; i < QI_TCG_SLOTS; i++) {
        qi_kept_slots[i] += slots[i];
        slots[i] = 0;
    }
    qi_unlock();
#endif
}
