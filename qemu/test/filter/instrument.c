/*
 * Conformance: the filter of guest code. Arguments are its parts:
 * range=FIRST-LAST, symbol=NAME, one-in=N. Prints what fires its events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/guest.h>

#define MAX_PARTS 4

static uint64_t blocks, instructions, loads, stores;

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int count)
{
    (void)cpu, (void)pc;
    __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&instructions, count, __ATOMIC_RELAXED);
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu, (void)address, (void)value, (void)size, (void)high;
    __atomic_fetch_add(store ? &stores : &loads, 1, __ATOMIC_RELAXED);
}

void qi_init(int argc, const char **argv)
{
    QIGuestRange ranges[MAX_PARTS];
    const char *symbols[MAX_PARTS];
    QIGuestFilter filter = { .ranges = ranges, .symbols = symbols };
    QIEvent *ev = NULL;

    for (int i = 0; i < argc && i < MAX_PARTS; i++) {
        QIGuestRange *range = &ranges[filter.n_ranges];

        if (sscanf(argv[i], "range=%" SCNx64 "-%" SCNx64, &range->first,
                   &range->last) == 2) {
            filter.n_ranges++;
        } else if (strncmp(argv[i], "symbol=", 7) == 0) {
            symbols[filter.n_symbols++] = argv[i] + 7;
        } else if (sscanf(argv[i], "one-in=%u", &filter.one_in) != 1) {
            qi_ctrl_fail_init(argv[i]);
            return;
        }
    }
    qi_guest_set_filter(argc > 0 ? &filter : NULL);
    blocks = instructions = loads = stores = 0;
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    fprintf(stderr, "BLOCKS %" PRIu64 " INSTRUCTIONS %" PRIu64 " LOADS %" PRIu64
            " STORES %" PRIu64 "\n", blocks, instructions, loads, stores);
}
