/*
 * syscalls: the guest's system calls, see README.md. Nothing is worth inlining
 * here: a system call is slow enough.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

#if !defined(QI_DECLARED_GUEST_SYSCALL_ENTER) \
    || !defined(QI_DECLARED_GUEST_SYSCALL_RETURN)
#error "this instrumentation needs guest_syscall_enter and guest_syscall_return"
#endif

#define NUMBERS 512

static uint64_t calls[NUMBERS], time_ns[NUMBERS];
static __thread uint64_t entered_ns;

static uint64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static unsigned slot(int64_t number)
{
    return number >= 0 && number < NUMBERS ? number : NUMBERS - 1;
}

void qi_event_guest_syscall_enter(unsigned int cpu, int64_t number,
                                  uint64_t a1, uint64_t a2, uint64_t a3,
                                  uint64_t a4, uint64_t a5, uint64_t a6,
                                  uint64_t a7, uint64_t a8)
{
    (void)cpu, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6;
    (void)a7, (void)a8;
    __atomic_fetch_add(&calls[slot(number)], 1, __ATOMIC_RELAXED);
    entered_ns = clock_ns();
}

void qi_event_guest_syscall_return(unsigned int cpu, int64_t number,
                                   int64_t result)
{
    (void)cpu, (void)result;
    __atomic_fetch_add(&time_ns[slot(number)], clock_ns() - entered_ns,
                       __ATOMIC_RELAXED);
}

void qi_init(int argc, const char **argv)
{
    (void)argc;
    (void)argv;
    /* static instrumentation is in place already */
    if (qi_ctrl_dynamic()) {
        qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_SYSCALL_ENTER),
                          QI_CTRL_INSTR_AUTO);
        qi_ctrl_event_set(qi_ctrl_event_id(QI_EVENT_GUEST_SYSCALL_RETURN),
                          QI_CTRL_INSTR_AUTO);
    }
}

void qi_fini(void)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        if (calls[i] > 0) {
            fprintf(stderr, "QIBENCH syscalls.%u.calls=%" PRIu64 " count\n", i,
                    calls[i]);
            fprintf(stderr, "QIBENCH syscalls.%u.time=%" PRIu64 " ns\n", i,
                    time_ns[i]);
        }
    }
}
