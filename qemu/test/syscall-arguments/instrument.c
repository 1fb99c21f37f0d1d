/*
 * Conformance: prints the arguments of the guest's first system call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

void qi_event_guest_syscall_enter(unsigned int cpu, int64_t number,
                                  uint64_t a1, uint64_t a2, uint64_t a3,
                                  uint64_t a4, uint64_t a5, uint64_t a6,
                                  uint64_t a7, uint64_t a8)
{
    const uint64_t arguments[] = { a1, a2, a3, a4, a5, a6, a7, a8 };

    (void)cpu;
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_SYSCALL_ENTER),
                      QI_CTRL_INSTR_NOP);
    fprintf(stderr, "CALL %" PRId64, number);
    for (size_t i = 0; i < 8; i++) {
        fprintf(stderr, " %" PRIx64, arguments[i]);
    }
    fprintf(stderr, "\n");
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_SYSCALL_ENTER),
                      QI_CTRL_INSTR_AUTO);
}

void qi_fini(void)
{
}
