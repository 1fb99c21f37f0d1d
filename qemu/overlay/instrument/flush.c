/*
 * Trace instrumentation: throwing away translated code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "cpu.h"
#include "qemu/main-loop.h"
#if __has_include("system/tcg.h")
#include "system/tcg.h" /* its place since 10.0 */
#else
#include "sysemu/tcg.h"
#endif
#include "instrument/guest.h"
#include "instrument/hooks.h"
#include "instrument/lock.h"

#ifdef QI_INSTRUMENTED_GUEST_CODE

#if QEMU_VERSION_MAJOR < 9
#define bql_lock qemu_mutex_lock_iothread
#define bql_unlock qemu_mutex_unlock_iothread
#endif

bool qi_flush_wanted;
/* Whether translated code may have called a library. */
static bool code_calls;
#ifndef CONFIG_USER_ONLY
/* Number of the last time that all processors were out of their code. */
static int last_left;
#endif

/*
 * The caller may be a callback: inside translated code, which must stay until
 * it has left it, or of a mutex event, so that no lock can be taken. Leave a
 * note for the next processor that comes out of its code, and get them all out.
 */
static void discard_code(void)
{
    CPUState *cpu;

    if (!first_cpu || !tcg_enabled()) {
        return;
    }
    qatomic_xchg(&qi_flush_wanted, true);
    /* RCU would not do: user mode frees a processor without a grace period */
    qi_lock();
    CPU_FOREACH(cpu) {
        cpu_exit(cpu);
    }
    qi_unlock();
}

static void callback_changed(TraceEvent *event)
{
    if (event == &_TRACE_GUEST_BLOCK_EXEC_EVENT
        || event == &_TRACE_GUEST_INSN_EXEC_EVENT
        || event == &_TRACE_GUEST_MEM_ACCESS_EVENT) {
        qatomic_set(&code_calls, true);
        discard_code();
    }
}

#ifndef CONFIG_USER_ONLY
static void code_left(CPUState *cpu, run_on_cpu_data number)
{
    qatomic_set(&last_left, number.host_int);
}

/*
 * Processors throw code away when all of them are out of it, for which they
 * need the BQL. The main loop has it here.
 */
static bool leave_code(unsigned limit_ms)
{
    static int number;
    CPUState *cpu = first_cpu;

    if (!cpu || !tcg_enabled() || !qatomic_read(&code_calls)) {
        return true;
    }
    number++;
    qi_queue_flush(cpu);
    async_safe_run_on_cpu(cpu, code_left, RUN_ON_CPU_HOST_INT(number));
    bql_unlock();
    for (unsigned waited_ms = 0;
         qatomic_read(&last_left) != number && waited_ms < limit_ms;
         waited_ms++) {
        g_usleep(1000);
    }
    bql_lock();
    return qatomic_read(&last_left) == number;
}
#endif

static void __attribute__((constructor)) watch_changes(void)
{
    qi_hooks_on_change(callback_changed);
    qi_generation_changed = discard_code;
#ifndef CONFIG_USER_ONLY
    qi_leave_code = leave_code;
#endif
}

#endif /* QI_INSTRUMENTED_GUEST_CODE */
