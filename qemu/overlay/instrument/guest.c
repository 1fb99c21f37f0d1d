/*
 * Trace instrumentation: helpers of translated code.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "cpu.h"
#if __has_include("exec/translation-block.h")
#include "exec/translation-block.h" /* its place since 9.2 */
#else
#include "exec/exec-all.h"
#endif
#if __has_include("system/tcg.h")
#include "system/tcg.h" /* its place since 10.0 */
#else
#include "sysemu/tcg.h"
#endif
#include "exec/helper-proto.h"
#include "instrument/guest.h"
#include "instrument/hooks.h"
#include "instrument/lock.h"

void HELPER(qi_guest_block)(CPUArchState *env, uint64_t pc, void *tb)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    trace_guest_block_exec(env_cpu(env)->cpu_index, pc,
                           ((TranslationBlock *)tb)->icount);
#endif
}

void HELPER(qi_guest_mem)(CPUArchState *env, uint64_t address, uint64_t low,
                          uint64_t high, uint32_t info)
{
    qi_guest_mem(env_cpu(env), address, low, high, info);
}

void *qi_code_buffer_hint(size_t size)
{
#ifdef __x86_64__
    const size_t gap = 64 * MiB;
    uintptr_t start = (uintptr_t)__executable_start;

    if ((qi_guest_block_wanted() || qi_guest_mem_wanted())
        && size < 2 * GiB - 2 * gap && start > size + gap) {
        return (void *)QEMU_ALIGN_DOWN(start - size - gap, 2 * MiB);
    }
#endif
    return NULL;
}

#if defined(QI_INSTRUMENTED_GUEST_BLOCK_EXEC) \
    || defined(QI_INSTRUMENTED_GUEST_MEM_ACCESS)
bool qi_flush_wanted;

/*
 * The caller may be a callback: inside translated code, which must stay until
 * it has left it, or of a mutex event, so that no lock can be taken. Leave a
 * note for the next processor that comes out of its code, and get them all out.
 */
static void callback_changed(TraceEvent *event)
{
    CPUState *cpu;

    if (!first_cpu || !tcg_enabled()
        || (event != &_TRACE_GUEST_BLOCK_EXEC_EVENT
            && event != &_TRACE_GUEST_MEM_ACCESS_EVENT)) {
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

static void __attribute__((constructor)) watch_callbacks(void)
{
    qi_hooks_on_change(callback_changed);
}
#endif
