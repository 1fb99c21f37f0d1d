/*
 * Conformance: a scoreboard against counters that all CPUs share. Prints each
 * CPU that begins, both counts, and the number of CPUs that counted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/scoreboard.h>

#define MAX_CPUS 100

typedef struct Counts {
    char other[60];
    uint64_t blocks;
    uint64_t instructions;
} Counts;

static QIScoreboard counts = QI_SCOREBOARD_INIT(Counts);
static uint64_t blocks, instructions;

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int count)
{
    Counts *mine = qi_scoreboard_find(&counts, cpu);

    (void)pc;
    if (++mine->blocks == 1) {
        fprintf(stderr, "BEGUN %u\n", cpu);
    }
    mine->instructions += count;
    __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&instructions, count, __ATOMIC_RELAXED);
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_BLOCK_EXEC),
                      QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
    unsigned cpus = 0;

    for (int cpu = -1; cpu < MAX_CPUS; cpu++) {
        Counts *of_cpu = qi_scoreboard_find(&counts, cpu);

        cpus += of_cpu->blocks > 0;
    }
    fprintf(stderr, "BLOCKS %" PRIu64 " of %" PRIu64 "\n",
            qi_scoreboard_sum(&counts, offsetof(Counts, blocks)), blocks);
    fprintf(stderr, "INSTRUCTIONS %" PRIu64 " of %" PRIu64 "\n",
            qi_scoreboard_sum(&counts, offsetof(Counts, instructions)),
            instructions);
    fprintf(stderr, "CPUS %u\n", cpus);
}
