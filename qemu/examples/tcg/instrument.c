/*
 * tcg: how often events of guest code fire, counted by generated code. For
 * static instrumentation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>

#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/tcg.h>

enum { BLOCKS, INSTRUCTIONS, ACCESSES };

/* of accesses that a processor makes before it runs code */
static uint64_t others;

void qi_event_guest_block_exec_tcg(uint64_t pc, unsigned int instructions)
{
    (void)pc, (void)instructions;
    qi_tcg_add(BLOCKS, qi_tcg_constant(1));
}

void qi_event_guest_insn_exec_tcg(uint64_t pc)
{
    (void)pc;
    qi_tcg_add(INSTRUCTIONS, qi_tcg_constant(1));
}

void qi_event_guest_mem_access_tcg(QITcgValue *address, QITcgValue *value,
                                   unsigned int size, bool store,
                                   QITcgValue *high)
{
    (void)address, (void)value, (void)size, (void)store, (void)high;
    qi_tcg_add(ACCESSES, qi_tcg_constant(1));
}

static void add_one(unsigned int slot)
{
    uint64_t *slots = qi_tcg_slots();

    if (slots) {
        slots[slot]++;
    } else {
        __atomic_fetch_add(&others, 1, __ATOMIC_RELAXED);
    }
}

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int instructions)
{
    (void)cpu, (void)pc, (void)instructions;
    add_one(BLOCKS);
}

void qi_event_guest_insn_exec(unsigned int cpu, uint64_t pc)
{
    (void)cpu, (void)pc;
    add_one(INSTRUCTIONS);
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu, (void)address, (void)value, (void)size, (void)store, (void)high;
    add_one(ACCESSES);
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
}

static void print_total(QIEventID id, uint64_t total)
{
    QIEvent *event = qi_ctrl_event_id(id);

    if (qi_ctrl_event_is_available(event)) {
        fprintf(stderr, "QIBENCH events.%s=%" PRIu64 " count\n",
                qi_ctrl_event_get_name(event), total);
    }
}

void qi_fini(void)
{
    print_total(QI_EVENT_GUEST_BLOCK_EXEC, qi_tcg_sum(BLOCKS));
    print_total(QI_EVENT_GUEST_INSN_EXEC, qi_tcg_sum(INSTRUCTIONS));
    print_total(QI_EVENT_GUEST_MEM_ACCESS, qi_tcg_sum(ACCESSES) + others);
}
