/*
 * Conformance: counts blocks, instructions and accesses of the guest, to be
 * compared with the counts of QEMU's plugins in the same process; and
 * exceptions and interrupts, whose accesses plugins do not see. After a fork,
 * both processes print their counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/scoreboard.h>

typedef struct Counts {
    uint64_t blocks;
    uint64_t in_blocks;
    uint64_t instructions;
    uint64_t accesses;
    uint64_t jumps;
} Counts;

static QIScoreboard counts = QI_SCOREBOARD_INIT(Counts);

static Counts *of_cpu(unsigned int cpu)
{
    return qi_scoreboard_find(&counts, cpu);
}

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int instructions)
{
    Counts *mine = of_cpu(cpu);

    (void)pc;
    mine->blocks++;
    mine->in_blocks += instructions;
}

void qi_event_guest_insn_exec(unsigned int cpu, uint64_t pc)
{
    (void)pc;
    of_cpu(cpu)->instructions++;
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    (void)address, (void)value, (void)size, (void)store, (void)high;
    of_cpu(cpu)->accesses++;
}

void qi_event_guest_exception(unsigned int cpu, int number, uint64_t from,
                              uint64_t to)
{
    (void)number, (void)from, (void)to;
    of_cpu(cpu)->jumps++;
}

void qi_event_guest_interrupt(unsigned int cpu, uint32_t request,
                              uint64_t from, uint64_t to)
{
    (void)request, (void)from, (void)to;
    of_cpu(cpu)->jumps++;
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("guest_*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

static uint64_t total(size_t offset)
{
    return qi_scoreboard_sum(&counts, offset);
}

void qi_fini(void)
{
    fprintf(stderr,
            "COUNTS blocks=%" PRIu64 " in-blocks=%" PRIu64
            " instructions=%" PRIu64 " accesses=%" PRIu64 " jumps=%" PRIu64
            "\n",
            total(offsetof(Counts, blocks)),
            total(offsetof(Counts, in_blocks)),
            total(offsetof(Counts, instructions)),
            total(offsetof(Counts, accesses)),
            total(offsetof(Counts, jumps)));
}
