/*
 * Conformance: a library that refuses to be loaded, after it has set a
 * callback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static void on_write(int cpu_index, void *mr, uint64_t addr, uint64_t value,
                     unsigned size, const char *name)
{
    (void)cpu_index, (void)mr, (void)addr, (void)value, (void)size, (void)name;
    fprintf(stderr, "CALLED\n");
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE),
                      (void *)on_write);
    qi_ctrl_fail_init("not today");
}

void qi_fini(void)
{
    fprintf(stderr, "FINI\n");
}
