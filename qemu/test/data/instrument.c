/*
 * Conformance: a callback with data, for two events. Counts their calls, and
 * prints what comes of setting callbacks with data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static uint64_t reads, writes;

/* of events that static mode calls */
void qi_event_memory_region_ops_read(int cpu_index, void *mr, uint64_t addr,
                                     uint64_t value, unsigned size,
                                     const char *name)
{
    (void)cpu_index, (void)mr, (void)addr, (void)value, (void)size, (void)name;
}

void qi_event_memory_region_ops_write(int cpu_index, void *mr, uint64_t addr,
                                      uint64_t value, unsigned size,
                                      const char *name)
{
    (void)cpu_index, (void)mr, (void)addr, (void)value, (void)size, (void)name;
}

static void count_port(int cpu_index, void *mr, uint64_t addr, uint64_t value,
                       unsigned size, const char *name, void *data)
{
    (void)cpu_index, (void)mr, (void)value, (void)size, (void)name;
    if (addr == 0x80) {
        ++*(uint64_t *)data;
    }
}

void qi_init(int argc, const char **argv)
{
    QIEvent *read = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_READ);
    QIEvent *write = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE);
    QIEvent *other = qi_ctrl_event_id(QI_EVENT_QEMU_VFREE);

    (void)argc, (void)argv;
    fprintf(stderr, "SET %d %d, auto %d, unavailable %d\n",
            qi_ctrl_event_set_data(read, (void *)count_port, &reads),
            qi_ctrl_event_set_data(write, (void *)count_port, &writes),
            qi_ctrl_event_set_data(read, QI_CTRL_INSTR_AUTO, &reads),
            qi_ctrl_event_set_data(other, (void *)count_port, &reads));
}

void qi_fini(void)
{
    fprintf(stderr, "READS %" PRIu64 " WRITES %" PRIu64 "\n", reads, writes);
}
