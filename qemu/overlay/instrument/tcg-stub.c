/*
 * Trace instrumentation: qemu-instr/tcg.h where no guest events are generated,
 * for example in tools, which link the library, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu-instr/tcg.h"

QITcgValue *qi_tcg_constant(uint64_t number)
{
    g_assert_not_reached();
}

QITcgValue *qi_tcg_slot(unsigned int slot)
{
    g_assert_not_reached();
}

QITcgValue *qi_tcg_test(QITcgCondition condition, QITcgValue *left,
                        QITcgValue *right)
{
    g_assert_not_reached();
}

void qi_tcg_add(unsigned int slot, QITcgValue *value)
{
    g_assert_not_reached();
}

void qi_tcg_call(void *function)
{
    g_assert_not_reached();
}

void qi_tcg_call_if(QITcgCondition condition, QITcgValue *left,
                    QITcgValue *right, void *function)
{
    g_assert_not_reached();
}

uint64_t *qi_tcg_slots(void)
{
    return NULL;
}

uint64_t qi_tcg_sum(unsigned int slot)
{
    return 0;
}
