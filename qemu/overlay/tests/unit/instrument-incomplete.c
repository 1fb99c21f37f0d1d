/*
 * Trace instrumentation: a library of the unit test that lacks qi_init().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <qemu-instr/control.h>

void qi_fini(void)
{
}
