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
#include "disas/disas.h"
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
#include "qemu/main-loop.h"
#include "instrument/guest.h"
#include "instrument/hooks.h"
#include "instrument/lock.h"

#if QEMU_VERSION_MAJOR < 9
#define bql_lock qemu_mutex_lock_iothread
#define bql_unlock qemu_mutex_unlock_iothread
#endif

void HELPER(qi_guest_block)(uint32_t cpu, uint64_t pc, uint32_t instructions)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    trace_guest_block_exec(cpu, pc, instructions);
#endif
}

void HELPER(qi_guest_insn)(uint32_t cpu, uint64_t pc)
{
#ifdef QI_INSTRUMENTED_GUEST_INSN_EXEC
    trace_guest_insn_exec(cpu, pc);
#endif
}

/* Another call than the one above only for the translator. */
void HELPER(qi_guest_insn_sync)(uint32_t cpu, uint64_t pc)
{
    HELPER(qi_guest_insn)(cpu, pc);
}

void HELPER(qi_guest_mem)(uint32_t cpu, uint64_t address, uint64_t value,
                          uint32_t size, uint32_t store, uint64_t high)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    trace_guest_mem_access(cpu, address, value, size, store, high);
#endif
}

void *qi_code_buffer_hint(size_t size)
{
#if defined(__x86_64__) && defined(QI_TYPE_STATIC)
    const size_t gap = 64 * MiB;
    uintptr_t start = (uintptr_t)__executable_start;

    if ((qi_guest_block_wanted() || qi_guest_insn_wanted()
         || qi_guest_mem_wanted())
        && size < 2 * GiB - 2 * gap && start > size + gap) {
        return (void *)QEMU_ALIGN_DOWN(start - size - gap, 2 * MiB);
    }
#endif
    return NULL;
}

#ifdef QI_INSTRUMENTED_GUEST_CODE
bool qi_flush_wanted;
/* Whether translated code may have called a library. */
static bool code_calls;
#ifndef CONFIG_USER_ONLY
/* Number of the last time that all processors were out of their code. */
static int last_left;
#endif
/* Whether the filter selects the block, before one in n is taken. */
static __thread bool code_selected;

static bool selects_code(const QIFilter *filter, uint64_t pc)
{
    const char *symbol;

    for (size_t i = 0; i < filter->n_ranges; i++) {
        if (pc >= filter->ranges[i].first && pc <= filter->ranges[i].last) {
            return true;
        }
    }
    symbol = filter->n_symbols > 0 ? lookup_symbol(pc) : "";
    for (size_t i = 0; *symbol && i < filter->n_symbols; i++) {
        if (g_pattern_match_string(filter->symbols[i], symbol)) {
            return true;
        }
    }
    return filter->n_ranges + filter->n_symbols == 0;
}

/* Addresses of blocks have patterns: a multiplication mixes their bits. */
static bool selects_block(const QIFilter *filter, uint64_t pc)
{
    return filter->one_in <= 1
        || (pc * 0x9e3779b97f4a7c15ULL >> 32) % filter->one_in == 0;
}

bool qi_filter_block(uint64_t pc)
{
    RCU_READ_LOCK_GUARD();
    QIFilter *filter = qatomic_rcu_read(&qi_filter);

    code_selected = !filter || selects_code(filter, pc);
    return code_selected && (!filter || selects_block(filter, pc));
}

bool qi_filter_ends_block(uint64_t pc)
{
    RCU_READ_LOCK_GUARD();
    QIFilter *filter = qatomic_rcu_read(&qi_filter);

    return filter && selects_code(filter, pc) != code_selected;
}

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
#endif
