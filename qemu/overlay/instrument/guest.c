/*
 * Trace instrumentation: helpers of translated code.
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

static void fire_insn(CPUArchState *env, uint64_t pc)
{
#ifdef QI_INSTRUMENTED_GUEST_INSN_EXEC
    trace_guest_insn_exec(env_cpu(env)->cpu_index, pc);
#endif
}

void HELPER(qi_guest_insn)(CPUArchState *env, uint64_t pc)
{
    fire_insn(env, pc);
}

void HELPER(qi_guest_insn_sync)(CPUArchState *env, uint64_t pc)
{
    fire_insn(env, pc);
}

void HELPER(qi_guest_mem)(CPUArchState *env, uint64_t address, uint64_t low,
                          uint64_t high, uint32_t info)
{
    qi_fire_guest_mem(env_cpu(env), address, low, high, info);
}

void *qi_code_buffer_hint(size_t size)
{
#if defined(QI_INSTRUMENTED_GUEST_CODE) && defined(__x86_64__)
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
__thread bool qi_block_selected;
/* The same before one block in n is taken. */
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

void qi_filter_block(uint64_t pc)
{
    RCU_READ_LOCK_GUARD();
    QIFilter *filter = qatomic_rcu_read(&qi_filter);

    code_selected = !filter || selects_code(filter, pc);
    qi_block_selected = code_selected && (!filter || selects_block(filter, pc));
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
        discard_code();
    }
}

static void __attribute__((constructor)) watch_changes(void)
{
    qi_hooks_on_change(callback_changed);
    qi_generation_changed = discard_code;
}
#endif
