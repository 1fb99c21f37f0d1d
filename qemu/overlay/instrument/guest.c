/*
 * Trace instrumentation: helpers of translated code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "cpu.h"
#include "disas/disas.h"
#include "exec/helper-proto.h"
#include "instrument/guest.h"

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
#if defined(QI_INSTRUMENTED_GUEST_CODE) && defined(QI_TYPE_STATIC) && \
    defined(__x86_64__)
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
#endif /* QI_INSTRUMENTED_GUEST_CODE */
