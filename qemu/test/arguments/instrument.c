/*
 * Conformance: the library gets its arguments, and qi_fini() at the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

static unsigned calls;

void qi_event_guest_syscall_enter(unsigned int cpu, int64_t number,
                                  uint64_t a1, uint64_t a2, uint64_t a3,
                                  uint64_t a4, uint64_t a5, uint64_t a6,
                                  uint64_t a7, uint64_t a8)
{
    (void)cpu, (void)number;
    (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6;
    (void)a7, (void)a8;
    __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
}

void qi_init(int argc, const char **argv)
{
    fprintf(stderr, "INIT %d", argc);
    for (int i = 0; i < argc; i++) {
        fprintf(stderr, " [%s]", argv[i]);
    }
    fprintf(stderr, "\n");
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_SYSCALL_ENTER),
                      QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
    fprintf(stderr, "FINI after %u calls\n", calls);
}
