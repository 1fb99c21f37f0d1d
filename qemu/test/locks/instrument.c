/*
 * Conformance: callbacks of mutex events, which fire with any lock of QEMU
 * held, switch an event of guest code off and on. Prints the first call of that
 * and of an event whose trace point QEMU guards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

#define CHANGES 1000

static unsigned blocks, commands, changes;

/*
 * If QEMU locked a mutex for a change, this would call itself: with that mutex
 * held, and what qi_ctrl_event_set() holds.
 */
void qi_event_qemu_mutex_locked(void *mutex, const char *file, const int line)
{
    QIEvent *block = qi_ctrl_event_id(QI_EVENT_GUEST_BLOCK_EXEC);

    (void)mutex, (void)file, (void)line;
    if (__atomic_fetch_add(&changes, 1, __ATOMIC_RELAXED) < CHANGES) {
        qi_ctrl_event_set(block, QI_CTRL_INSTR_NOP);
        qi_ctrl_event_set(block, QI_CTRL_INSTR_AUTO);
    }
}

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int instructions)
{
    (void)cpu, (void)pc, (void)instructions;
    if (__atomic_load_n(&changes, __ATOMIC_RELAXED) >= CHANGES
        && __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED) == 0) {
        fprintf(stderr, "BLOCK\n");
    }
}

void qi_event_monitor_qmp_cmd_in_band(const char *id)
{
    (void)id;
    if (commands++ == 0) {
        fprintf(stderr, "COMMAND\n");
    }
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    while ((ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
}
