/*
 * Trace instrumentation: events of the guest's own execution.
 *
 * The translator asks whether an event is wanted and only then generates the
 * call of a helper. When that changes, translated code is thrown away.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_GUEST_H
#define INSTRUMENT_GUEST_H

#include "exec/memopidx.h"
#include "hw/core/cpu.h"
#include "instrument/trace.h"

/* Whether code of blocks that are translated now should fire the event. */
static inline bool qi_guest_block_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    return trace_event_get_state_backends(TRACE_GUEST_BLOCK_EXEC);
#else
    return false;
#endif
}

static inline bool qi_guest_mem_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    return trace_event_get_state_backends(TRACE_GUEST_MEM_ACCESS);
#else
    return false;
#endif
}

/* A memory access in one number, for the helper of translated code. */
static inline uint32_t qi_guest_mem_info(MemOpIdx oi, bool store)
{
    return 1 << (get_memop(oi) & MO_SIZE) | store << 8;
}

/**
 * qi_guest_mem:
 * @cpu: The processor that did it.
 * @address: The guest's virtual address.
 * @value: The value that was loaded or stored.
 * @info: From qi_guest_mem_info().
 *
 * Fire the event for an access, wherever it is done.
 */
static inline void qi_guest_mem(const CPUState *cpu, uint64_t address,
                                uint64_t value, uint32_t info)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    trace_guest_mem_access(cpu->cpu_index, address, value, info & 0xff,
                           info >> 8);
#endif
}

/* Where the emulator's code begins, by the linker. */
extern const char __executable_start[];

/**
 * qi_code_buffer_hint:
 * @size: Size of the buffer for translated code, in bytes.
 *
 * Translated code calls a helper that is more than 2 GiB away through memory,
 * which costs more than a callback that counts. Position-independent
 * executables are that far from where mmap() puts things. Where translated code
 * will fire events, the buffer is therefore to be near; elsewhere it is where
 * QEMU has it, so that builds and runs without guest events stay what they are.
 *
 * Returns: Address to map the buffer at if it is free, NULL for anywhere.
 */
void *qi_code_buffer_hint(size_t size);

/* Throw away all translated code, soon. By each version's tb-maint.c. */
void qi_flush_blocks(void);

#endif /* INSTRUMENT_GUEST_H */
