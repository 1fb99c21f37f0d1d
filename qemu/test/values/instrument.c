/*
 * Conformance: the values of guest_mem_access. Prints every access to the 256
 * bytes from the address given as argument, and how many there are in all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static uint64_t base, total;

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu;
    __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
    if (address - base < 256) {
        fprintf(stderr, "%s %u %" PRIx64, store ? "store" : "load", size,
                value);
        fprintf(stderr, size == 16 ? " %" PRIx64 "\n" : "\n", high);
    }
}

void qi_init(int argc, const char **argv)
{
    if (argc != 1) {
        qi_ctrl_fail_init("the argument is the address");
        return;
    }
    base = strtoull(argv[0], NULL, 0);
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_MEM_ACCESS),
                      QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
    fprintf(stderr, "TOTAL %" PRIu64 "\n", total);
}
