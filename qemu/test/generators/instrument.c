/*
 * Conformance: blocks, instructions and accesses, counted by callbacks; with
 * static instrumentation by generated code, which also compares addresses, and
 * calls functions for every block and every tenth one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/tcg.h>

#define TENTH 10
#define WATCHED 0x1000

enum { BLOCKS, IN_BLOCKS, INSTRUCTIONS, ACCESSES, WATCHED_STORES, SINCE };

static uint64_t counts[SINCE], every, tenths;

static void add_to(unsigned int slot, uint64_t number)
{
    __atomic_fetch_add(&counts[slot], number, __ATOMIC_RELAXED);
}

#if defined(QI_TYPE_STATIC)

static void count_every(unsigned int cpu, uint64_t pc,
                        unsigned int instructions)
{
    (void)cpu, (void)pc;
    __atomic_fetch_add(&every, instructions > 0, __ATOMIC_RELAXED);
}

static void count_tenth(unsigned int cpu, uint64_t pc,
                        unsigned int instructions)
{
    (void)cpu, (void)pc, (void)instructions;
    __atomic_fetch_add(&tenths, 1, __ATOMIC_RELAXED);
    qi_tcg_slots()[SINCE] = 0;
}

void qi_event_guest_block_exec_tcg(uint64_t pc, unsigned int instructions)
{
    (void)pc;
    qi_tcg_add(BLOCKS, qi_tcg_constant(1));
    qi_tcg_add(IN_BLOCKS, qi_tcg_constant(instructions));
    qi_tcg_add(SINCE, qi_tcg_constant(1));
    qi_tcg_call_if(QI_TCG_GE, qi_tcg_slot(SINCE), qi_tcg_constant(TENTH),
                   count_tenth);
    qi_tcg_call(count_every);
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
    (void)value, (void)high;
    qi_tcg_add(ACCESSES, qi_tcg_constant(1));
    if (store && size == 4) {
        qi_tcg_add(WATCHED_STORES, qi_tcg_test(QI_TCG_EQ, address,
                                               qi_tcg_constant(WATCHED)));
    }
}

#else

static uint64_t qi_tcg_sum(unsigned int slot)
{
    (void)slot;
    return 0;
}

#endif

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int instructions)
{
    (void)cpu, (void)pc;
    add_to(IN_BLOCKS, instructions);
    add_to(BLOCKS, 1);
}

void qi_event_guest_insn_exec(unsigned int cpu, uint64_t pc)
{
    (void)cpu, (void)pc;
    add_to(INSTRUCTIONS, 1);
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)cpu, (void)value, (void)high;
    add_to(ACCESSES, 1);
    add_to(WATCHED_STORES, store && size == 4 && address == WATCHED);
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

static uint64_t total(unsigned int slot)
{
    return counts[slot] + qi_tcg_sum(slot);
}

void qi_fini(void)
{
    fprintf(stderr, "BLOCKS %" PRIu64 " of %" PRIu64 "\n", total(BLOCKS),
            total(IN_BLOCKS));
    fprintf(stderr, "INSTRUCTIONS %" PRIu64 "\n", total(INSTRUCTIONS));
    fprintf(stderr, "ACCESSES %" PRIu64 " STORES %" PRIu64 "\n",
            total(ACCESSES), total(WATCHED_STORES));
    if (!qi_ctrl_dynamic()) {
        fprintf(stderr, "CALLS %" PRIu64 " and %" PRIu64 "\n", every, tenths);
    }
}
