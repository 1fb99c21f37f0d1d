/*
 * Trace instrumentation: events of the guest's own execution.
 *
 * The translator asks whether an event is wanted and only then generates the
 * call of a helper. When that changes, translated code is thrown away.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_GUEST_H
#define INSTRUMENT_GUEST_H

#include "exec/memopidx.h"
#include "hw/core/cpu.h"
#include "instrument/guest-api.h"
#include "instrument/trace.h"

#if defined(QI_INSTRUMENTED_GUEST_BLOCK_EXEC) \
    || defined(QI_INSTRUMENTED_GUEST_INSN_EXEC) \
    || defined(QI_INSTRUMENTED_GUEST_MEM_ACCESS)
#define QI_INSTRUMENTED_GUEST_CODE 1
#endif
#if defined(QI_INSTRUMENTED_GUEST_EXCEPTION) \
    || defined(QI_INSTRUMENTED_GUEST_INTERRUPT)
#define QI_INSTRUMENTED_GUEST_JUMP 1
#endif

/* Whether the event has a callback. */
static inline bool qi_guest_block_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    return trace_event_get_state_backends(TRACE_GUEST_BLOCK_EXEC);
#else
    return false;
#endif
}

static inline bool qi_guest_insn_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_INSN_EXEC
    return trace_event_get_state_backends(TRACE_GUEST_INSN_EXEC);
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

/**
 * QIBlock:
 * @block: The function that its code calls for guest_block_exec, or NULL.
 * @insn: The same for guest_insn_exec.
 * @mem: The same for guest_mem_access.
 *
 * The block that a thread translates. The functions are looked up once: code
 * for a former callback is thrown away as a whole.
 */
typedef struct QIBlock {
    void *block;
    void *insn;
    void *mem;
} QIBlock;

#ifdef QI_INSTRUMENTED_GUEST_CODE
extern __thread QIBlock qi_block;

/* What follows, in guest.c and gen.c. */
bool qi_filter_block(uint64_t pc);
bool qi_filter_ends_block(uint64_t pc);
void qi_gen_begin(uint64_t pc, bool memory_only);
void qi_gen_insn(uint64_t pc);
void qi_gen_end(unsigned int instructions);
#endif

/* This thread begins to translate the block at @pc. */
static inline void qi_gen_block_begin(uint64_t pc, bool memory_only)
{
#ifdef QI_INSTRUMENTED_GUEST_CODE
    qi_gen_begin(pc, memory_only);
#endif
}

/* It begins to translate the instruction at @pc. */
static inline void qi_gen_insn_begin(uint64_t pc)
{
#ifdef QI_INSTRUMENTED_GUEST_INSN_EXEC
    qi_gen_insn(pc);
#endif
}

/* It has translated the block, which has that many instructions. */
static inline void qi_gen_block_end(unsigned int instructions)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    qi_gen_end(instructions);
#endif
}

/* Whether the instruction at @pc must not be part of the same block. */
static inline bool qi_ends_block(uint64_t pc)
{
#ifdef QI_INSTRUMENTED_GUEST_CODE
    return qatomic_read(&qi_filter) && qi_filter_ends_block(pc);
#else
    return false;
#endif
}

/* Whether the code of the block has to fire the event. */
static inline bool qi_gen_guest_mem_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    return qi_block.mem != NULL;
#else
    return false;
#endif
}

/* Whether symbols are needed when a program is loaded. */
static inline bool qi_symbols_wanted(void)
{
#ifdef QI_INSTRUMENTED_GUEST_CODE
    RCU_READ_LOCK_GUARD();
    QIFilter *filter = qatomic_rcu_read(&qi_filter);

    return filter && filter->n_symbols > 0;
#else
    return false;
#endif
}

/* A memory access in one number. */
static inline uint32_t qi_guest_mem_info(MemOpIdx oi, bool store)
{
    return 1 << (get_memop(oi) & MO_SIZE) | store << 8;
}

/**
 * qi_fire_guest_mem:
 * @cpu: The processor that did it.
 * @address: The guest's virtual address.
 * @low: The value that was loaded or stored, its lower 8 bytes. Bits above the
 *       access are ignored: registers are wider, or sign-extended by the load.
 * @high: Its upper 8 bytes, used for accesses of 16 bytes.
 * @info: From qi_guest_mem_info().
 *
 * Fire the event for an access, wherever it is done.
 */
static inline void qi_fire_guest_mem(const CPUState *cpu, uint64_t address,
                                     uint64_t low, uint64_t high,
                                     uint32_t info)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    unsigned int size = info & 0xff;

    trace_guest_mem_access(cpu->cpu_index, address,
                           size < 8 ? low & ((1ULL << size * 8) - 1) : low,
                           size, info >> 8, size == 16 ? high : 0);
#endif
}

/* The same for an access of QEMU's helpers, which the filter may not select. */
static inline void qi_guest_mem(const CPUState *cpu, uint64_t address,
                                uint64_t low, uint64_t high, uint32_t info)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    if (likely(!qatomic_read(&qi_filter)) || cpu->qi_selected) {
        qi_fire_guest_mem(cpu, address, low, high, info);
    }
#endif
}

/**
 * QIJump:
 * @from: Where the processor was.
 * @exception: The exception that it has, for its target's code.
 *
 * Begins with qi_begin_jump(), before the target's code changes the program
 * counter, and ends with one of the functions that follow.
 */
typedef struct QIJump {
    uint64_t from;
    int exception;
} QIJump;

static inline QIJump qi_begin_jump(CPUState *cpu)
{
    QIJump jump = { 0 };

#ifdef QI_INSTRUMENTED_GUEST_JUMP
    jump.from = CPU_GET_CLASS(cpu)->get_pc(cpu);
    jump.exception = cpu->exception_index;
#endif
    return jump;
}

static inline void qi_guest_exception(CPUState *cpu, QIJump jump)
{
#ifdef QI_INSTRUMENTED_GUEST_EXCEPTION
    trace_guest_exception(cpu->cpu_index, jump.exception, jump.from,
                          CPU_GET_CLASS(cpu)->get_pc(cpu));
#endif
}

static inline void qi_guest_interrupt(CPUState *cpu, QIJump jump,
                                      uint32_t request)
{
#ifdef QI_INSTRUMENTED_GUEST_INTERRUPT
    trace_guest_interrupt(cpu->cpu_index, request, jump.from,
                          CPU_GET_CLASS(cpu)->get_pc(cpu));
#endif
}

/* Where the emulator's code begins, by linkers of ELF. */
extern const char __executable_start[];

/**
 * qi_code_buffer_hint:
 * @size: Size of the buffer for translated code, in bytes.
 *
 * Translated code calls a helper that is more than 2 GiB away through memory,
 * which costs more than a callback that counts. Position-independent
 * executables are that far from where mmap() puts things, libraries are not. In
 * builds whose callbacks are linked in and fired by translated code, the buffer
 * is therefore to be near; elsewhere it is where QEMU has it, so that builds
 * without guest events stay what they are.
 *
 * Returns: Address to map the buffer at if it is free, NULL for anywhere.
 */
void *qi_code_buffer_hint(size_t size);

#ifdef QI_INSTRUMENTED_GUEST_CODE
extern bool qi_flush_wanted;
#endif

/* Throw away all translated code, soon. By each version's tb-maint.c. */
void qi_queue_flush(CPUState *cpu);

/**
 * qi_flush_if_wanted:
 * @cpu: The processor of this thread, outside of translated code.
 *
 * An event began or ceased to be wanted, or the way to fire it changed: have
 * all translated code thrown away before @cpu executes more of it.
 */
static inline void qi_flush_if_wanted(CPUState *cpu)
{
#ifdef QI_INSTRUMENTED_GUEST_CODE
    if (unlikely(qatomic_read(&qi_flush_wanted))
        && qatomic_xchg(&qi_flush_wanted, false)) {
        qi_queue_flush(cpu);
    }
#endif
}

#endif /* INSTRUMENT_GUEST_H */
