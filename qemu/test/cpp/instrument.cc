/*
 * Conformance: a library in C++ that includes every header. Counts the blocks
 * and loads of a part of the guest memory.s.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <cinttypes>
#include <cstdio>
#include <initializer_list>
#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/guest.h>
#include <qemu-instr/objects.h>
#include <qemu-instr/scoreboard.h>
#include <qemu-instr/trace.h>

namespace {

struct Counts {
    uint64_t blocks;
    uint64_t loads;
};

QIScoreboard counts = QI_SCOREBOARD_INIT(Counts);

Counts *of_cpu(unsigned int cpu)
{
    return static_cast<Counts *>(qi_scoreboard_find(&counts, cpu));
}

} // namespace

extern "C" {

void qi_event_guest_block_exec(unsigned int cpu, uint64_t, unsigned int)
{
    of_cpu(cpu)->blocks++;
}

void qi_event_guest_mem_access(unsigned int cpu, uint64_t, uint64_t,
                               unsigned int, bool store, uint64_t)
{
    of_cpu(cpu)->loads += !store;
}

void qi_init(int, const char **)
{
    const QIGuestRange load = { 0xf000f, 0xf0013 };
    QIGuestFilter filter = {};

    filter.ranges = &load;
    filter.n_ranges = 1;
    qi_guest_set_filter(&filter);
    if (qi_ctrl_dynamic()) {
        for (QIEventID id : { QI_EVENT_GUEST_BLOCK_EXEC,
                              QI_EVENT_GUEST_MEM_ACCESS }) {
            qi_ctrl_event_set(qi_ctrl_event_id(id), QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    fprintf(stderr, "BLOCKS %" PRIu64 " LOADS %" PRIu64 "\n",
            qi_scoreboard_sum(&counts, offsetof(Counts, blocks)),
            qi_scoreboard_sum(&counts, offsetof(Counts, loads)));
}

}
