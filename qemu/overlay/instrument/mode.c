/*
 * Trace instrumentation: whether there is any, for all programs.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu-instr/control.h"

bool qi_ctrl_dynamic(void)
{
#ifdef QI_TYPE_DYNAMIC
    return true;
#else
    return false;
#endif
}
