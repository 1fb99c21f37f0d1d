/*
 * Conformance: events of guest execution. Built with guest_block_exec and
 * guest_mem_access selected, for the guest memory.s.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static uint64_t blocks, instructions, loads, loaded, stores, stored, bytes;

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int count)
{
    bool first = __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED) == 0;

    (void)cpu, (void)pc;
    __atomic_fetch_add(&instructions, count, __ATOMIC_RELAXED);
    if (first) {
        /* last: who reads it may unload us at once, and expects the count */
        fprintf(stderr, "FIRST\n");
    }
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu, (void)high;
    if (address != 0x1000) {
        return;
    }
    if (size == 1) {
        bytes += value;
    } else if (size == 4 && store) {
        stores++;
        stored += value;
    } else if (size == 4) {
        loads++;
        loaded += value;
    }
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    blocks = instructions = 0;
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    /* in this order: other processors go on counting */
    uint64_t blocks_seen = __atomic_load_n(&blocks, __ATOMIC_SEQ_CST);
    uint64_t seen = __atomic_load_n(&instructions, __ATOMIC_SEQ_CST);

    fprintf(stderr, "INSTRUCTIONS %" PRIu64 " in blocks %d\n", seen,
            blocks_seen > 0 && blocks_seen <= seen + 4);
    fprintf(stderr, "STORES %" PRIu64 " of %" PRIu64 "\n", stores, stored);
    fprintf(stderr, "LOADS %" PRIu64 " of %" PRIu64 ", bytes %" PRIu64 "\n",
            loads, loaded, bytes);
}
