/*
 * Trace instrumentation: code that fires guest events.
 *
 * Translated code calls the event's callback itself. With dynamic
 * instrumentation its address is part of the code, which is thrown away when
 * the callback changes. With static instrumentation a generator of the user may
 * emit other code, see qemu-instr/tcg.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "cpu.h"
#include "tcg/tcg.h"
#include "tcg/tcg-op.h"
#if __has_include("tcg/tcg-temp-internal.h")
#include "tcg/tcg-temp-internal.h" /* since 8.0 */
#endif
#include "exec/helper-proto.h"
#include "exec/helper-gen.h"
#include "instrument/gen.h"
#include "instrument/lock.h"

#ifdef QI_INSTRUMENTED_GUEST_CODE

#if QEMU_VERSION_MAJOR < 8
#define tcg_env cpu_env
/* both are dead at the next branch or label */
#define tcg_temp_ebb_new_i32 tcg_temp_new_i32
#define tcg_temp_ebb_new_i64 tcg_temp_new_i64
#endif

/* Of a field of CPUState, from where translated code finds the registers. */
#define CPU_OFFSET(field) \
    ((intptr_t)offsetof(ArchCPU, parent_obj.field) \
     - (intptr_t)offsetof(ArchCPU, env))

__thread QIBlock qi_block;

/**
 * QIPoint:
 * @event: The event.
 * @pc, @instructions, @size, @store: Its arguments that are constants.
 * @address, @value, @high: Its arguments that the code computes.
 *
 * The event whose code this thread generates.
 */
typedef struct QIPoint {
    enum { BLOCK, INSN, MEM } event;
    uint64_t pc;
    unsigned int instructions;
    unsigned int size;
    bool store;
    TCGv_i64 address;
    TCGv_i64 value;
    TCGv_i64 high;
} QIPoint;

static __thread QIPoint point;
/* The operation behind which the event of the block belongs, or NULL. */
static __thread TCGOp *block_start;

#ifdef QI_TYPE_DYNAMIC
#define TARGET(event, helper) ((void *)qatomic_read(&qemu_instr_##event##_cb))
#else
#define TARGET(event, helper) ((void *)HELPER(helper))
#endif

static void *block_target(void)
{
#ifdef QI_INSTRUMENTED_GUEST_BLOCK_EXEC
    return TARGET(guest_block_exec, qi_guest_block);
#else
    return NULL;
#endif
}

static void *insn_target(void)
{
#ifdef QI_INSTRUMENTED_GUEST_INSN_EXEC
    return TARGET(guest_insn_exec, qi_guest_insn);
#else
    return NULL;
#endif
}

static void *mem_target(void)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    return TARGET(guest_mem_access, qi_guest_mem);
#else
    return NULL;
#endif
}

/* Calls a function with the parameters of the event. */
static void gen_call(void *function)
{
    TCGv_i32 cpu = tcg_temp_ebb_new_i32();
    TCGOp *op;

    tcg_gen_ld_i32(cpu, tcg_env, CPU_OFFSET(cpu_index));
    switch (point.event) {
    case BLOCK:
        gen_helper_qi_guest_block(cpu, tcg_constant_i64(point.pc),
                                  tcg_constant_i32(point.instructions));
        break;
    case INSN:
        /* the helper tells which registers are to be in memory */
        if (qatomic_read(&qi_sync_registers)) {
            gen_helper_qi_guest_insn_sync(cpu, tcg_constant_i64(point.pc));
        } else {
            gen_helper_qi_guest_insn(cpu, tcg_constant_i64(point.pc));
        }
        break;
    case MEM:
        gen_helper_qi_guest_mem(cpu, point.address, point.value,
                                tcg_constant_i32(point.size),
                                tcg_constant_i32(point.store), point.high);
        break;
    }
    /* the same call of another function, as plugins have it in 7.2 */
    op = tcg_last_op();
    op->args[TCGOP_CALLO(op) + TCGOP_CALLI(op)] = (uintptr_t)function;
    tcg_temp_free_i32(cpu);
}

#ifdef QI_TYPE_STATIC

#include "qemu-instr/tcg.h"

QEMU_BUILD_BUG_ON(ARRAY_SIZE(((CPUState *)0)->qi_slots) != QI_TCG_SLOTS);

#define MAX_VALUES 64

/* Values that the generator got; freed when it returns. */
static __thread TCGv_i64 values[MAX_VALUES];
static __thread unsigned int n_values;

static TCGv_i64 new_value(void)
{
    g_assert(n_values < MAX_VALUES);
    values[n_values] = tcg_temp_ebb_new_i64();
    return values[n_values++];
}

static void G_GNUC_UNUSED free_values(void)
{
    while (n_values > 0) {
        tcg_temp_free_i64(values[--n_values]);
    }
}

static TCGv_i64 temp_of(QITcgValue *value)
{
    return (TCGv_i64)value;
}

static QITcgValue *value_of(TCGv_i64 temp)
{
    return (QITcgValue *)temp;
}

static intptr_t slot_offset(unsigned int slot)
{
    g_assert(slot < QI_TCG_SLOTS);
    return CPU_OFFSET(qi_slots) + slot * sizeof(uint64_t);
}

static TCGCond cond_of(QITcgCondition condition)
{
    static const TCGCond conds[] = {
        [QI_TCG_EQ] = TCG_COND_EQ, [QI_TCG_NE] = TCG_COND_NE,
        [QI_TCG_LT] = TCG_COND_LTU, [QI_TCG_GE] = TCG_COND_GEU,
        [QI_TCG_LE] = TCG_COND_LEU, [QI_TCG_GT] = TCG_COND_GTU,
    };

    return conds[condition];
}

QITcgValue *qi_tcg_constant(uint64_t number)
{
    return value_of(tcg_constant_i64(number));
}

QITcgValue *qi_tcg_slot(unsigned int slot)
{
    TCGv_i64 value = new_value();

    tcg_gen_ld_i64(value, tcg_env, slot_offset(slot));
    return value_of(value);
}

QITcgValue *qi_tcg_test(QITcgCondition condition, QITcgValue *left,
                        QITcgValue *right)
{
    TCGv_i64 value = new_value();

    tcg_gen_setcond_i64(cond_of(condition), value, temp_of(left),
                        temp_of(right));
    return value_of(value);
}

void qi_tcg_add(unsigned int slot, QITcgValue *value)
{
    TCGv_i64 sum = tcg_temp_ebb_new_i64();

    tcg_gen_ld_i64(sum, tcg_env, slot_offset(slot));
    tcg_gen_add_i64(sum, sum, temp_of(value));
    tcg_gen_st_i64(sum, tcg_env, slot_offset(slot));
    tcg_temp_free_i64(sum);
}

void qi_tcg_call(void *function)
{
    gen_call(function);
}

void qi_tcg_call_if(QITcgCondition condition, QITcgValue *left,
                    QITcgValue *right, void *function)
{
    TCGLabel *after = gen_new_label();

    /* the translator has values there that do not survive a label */
    g_assert(point.event != MEM);
    tcg_gen_brcond_i64(tcg_invert_cond(cond_of(condition)), temp_of(left),
                       temp_of(right), after);
    gen_call(function);
    gen_set_label(after);
}

uint64_t *qi_tcg_slots(void)
{
    return current_cpu ? current_cpu->qi_slots : NULL;
}

uint64_t qi_tcg_sum(unsigned int slot)
{
    CPUState *cpu;
    uint64_t sum;

    g_assert(slot < QI_TCG_SLOTS);
    qi_lock();
    sum = qi_kept_slots[slot];
    CPU_FOREACH(cpu) {
        sum += qatomic_read(&cpu->qi_slots[slot]);
    }
    qi_unlock();
    return sum;
}

#endif /* QI_TYPE_STATIC */

static void gen_block(void)
{
#ifdef QI_EVENT_GUEST_BLOCK_EXEC_TCG
    qi_event_guest_block_exec_tcg(point.pc, point.instructions);
    free_values();
#else
    gen_call(qi_block.block);
#endif
}

static void gen_insn(void)
{
#ifdef QI_EVENT_GUEST_INSN_EXEC_TCG
    qi_event_guest_insn_exec_tcg(point.pc);
    free_values();
#else
    gen_call(qi_block.insn);
#endif
}

static void gen_mem(void)
{
#ifdef QI_EVENT_GUEST_MEM_ACCESS_TCG
    qi_event_guest_mem_access_tcg(value_of(point.address),
                                  value_of(point.value), point.size,
                                  point.store, value_of(point.high));
    free_values();
#else
    gen_call(qi_block.mem);
#endif
}

/* Moves the operations behind @last to behind @to. */
static void move_ops(TCGOp *last, TCGOp *to)
{
    TCGOp *next;

    for (TCGOp *op = QTAILQ_NEXT(last, link); op; op = next) {
        next = QTAILQ_NEXT(op, link);
        QTAILQ_REMOVE(&tcg_ctx->ops, op, link);
        if (to) {
            QTAILQ_INSERT_AFTER(&tcg_ctx->ops, to, op, link);
        } else {
            QTAILQ_INSERT_HEAD(&tcg_ctx->ops, op, link);
        }
        to = op;
    }
}

void qi_gen_begin(uint64_t pc, bool memory_only)
{
    bool selected = qi_filter_block(pc);

    qi_block.block = selected && !memory_only ? block_target() : NULL;
    qi_block.insn = selected && !memory_only ? insn_target() : NULL;
    qi_block.mem = selected ? mem_target() : NULL;
    /* Helpers that access memory know the processor, not the block. */
    if (mem_target() && qatomic_read(&qi_filter)) {
        tcg_gen_st8_i32(tcg_constant_i32(selected), tcg_env,
                        CPU_OFFSET(qi_selected));
    }
    block_start = tcg_last_op();
    point.pc = pc;
#ifdef QI_TYPE_STATIC
    n_values = 0; /* TCG may give up a block within a generator */
#endif
}

void qi_gen_insn(uint64_t pc)
{
    if (qi_block.insn) {
        QIPoint block = point;

        point.event = INSN;
        point.pc = pc;
        gen_insn();
        point = block;
    }
}

void qi_gen_end(unsigned int instructions)
{
    if (qi_block.block) {
        TCGOp *last = tcg_last_op();

        point.event = BLOCK;
        point.instructions = instructions;
        gen_block();
        move_ops(last, block_start);
    }
}

#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS

static bool plugin_needs_copy(void)
{
#if defined(CONFIG_PLUGIN) && QEMU_VERSION_MAJOR >= 8
    return tcg_ctx->plugin_insn != NULL;
#else
    return false;
#endif
}

static bool is_narrow(void)
{
#if QEMU_VERSION_MAJOR >= 8
    return tcg_ctx->addr_type == TCG_TYPE_I32;
#else
    return TARGET_LONG_BITS == 32;
#endif
}

void qi_gen_mem_i64(TCGv_i64 low, TCGv_i64 high, QIAddress address,
                    MemOpIdx oi, bool store)
{
    unsigned int size = memop_size(get_memop(oi));
    bool extended = !address.copy && is_narrow();

    point.event = MEM;
    point.size = size;
    point.store = store;
    point.address = address.copy;
    if (extended) {
        point.address = tcg_temp_ebb_new_i64();
        tcg_gen_extu_i32_i64(point.address, temp_tcgv_i32(address.orig));
    } else if (!address.copy) {
        point.address = temp_tcgv_i64(address.orig);
    }
    point.value = low;
    if (size < 8) {
        point.value = tcg_temp_ebb_new_i64();
        tcg_gen_extract_i64(point.value, low, 0, size * 8);
    }
    point.high = high ? high : tcg_constant_i64(0);
    gen_mem();
    if (size < 8) {
        tcg_temp_free_i64(point.value);
    }
    if (extended || (address.copy && !plugin_needs_copy())) {
        tcg_temp_free_i64(point.address);
    }
}

void qi_gen_mem_i32(TCGv_i32 value, QIAddress address, MemOpIdx oi, bool store)
{
    TCGv_i64 wide = tcg_temp_ebb_new_i64();

    tcg_gen_extu_i32_i64(wide, value);
    qi_gen_mem_i64(wide, NULL, address, oi, store);
    tcg_temp_free_i64(wide);
}

#endif /* QI_INSTRUMENTED_GUEST_MEM_ACCESS */

#endif /* QI_INSTRUMENTED_GUEST_CODE */
