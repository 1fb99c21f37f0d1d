/*
 * Trace instrumentation: what differs by its type, for all programs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/lock.h"
#include "qemu-instr/control.h"

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
