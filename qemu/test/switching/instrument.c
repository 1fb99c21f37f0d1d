/*
 * Conformance: callbacks that switch an event of guest code off, also the own,
 * and on again, while the code that fires it runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static uint64_t blocks, accesses;

static void set(QIEventID id, void *callback)
{
    qi_ctrl_event_set(qi_ctrl_event_id(id), callback);
}

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int instructions)
{
    (void)cpu, (void)pc, (void)instructions;
    blocks++;
    set(QI_EVENT_GUEST_BLOCK_EXEC, QI_CTRL_INSTR_NOP);
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu, (void)address, (void)value, (void)size, (void)store, (void)high;
    accesses++;
    set(QI_EVENT_GUEST_BLOCK_EXEC, QI_CTRL_INSTR_AUTO);
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    set(QI_EVENT_GUEST_BLOCK_EXEC, QI_CTRL_INSTR_AUTO);
    set(QI_EVENT_GUEST_MEM_ACCESS, QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
    fprintf(stderr, "BLOCKS %" PRIu64 " ACCESSES %" PRIu64 "\n", blocks,
            accesses);
}
