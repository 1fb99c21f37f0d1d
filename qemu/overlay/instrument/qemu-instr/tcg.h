/*
 * Interface to the code that QEMU generates: static instrumentation can put
 * operations of its own into it, instead of calls.
 *
 * A generator runs when QEMU translates a block of guest code, and decides what
 * the block does each time that it runs. In "events-pre.h":
 *
 *     #define QI_EVENT_GUEST_BLOCK_EXEC_TCG 1
 *
 * and in the library:
 *
 *     enum { BLOCKS, INSTRUCTIONS };
 *
 *     void qi_event_guest_block_exec_tcg(uint64_t pc,
 *                                        unsigned int instructions)
 *     {
 *         qi_tcg_add(BLOCKS, qi_tcg_constant(1));
 *         qi_tcg_add(INSTRUCTIONS, qi_tcg_constant(instructions));
 *     }
 *
 *     ... qi_tcg_sum(BLOCKS) ...
 *
 * The event's callback must exist, too: QEMU calls it where an event does not
 * come from generated code, as for an atomic access that QEMU does itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_TCG_H
#define QEMU_INSTR_TCG_H

#include <stdbool.h>
#include <stdint.h>
#include <qemu-instr/config.h>

#ifdef QI_TYPE_STATIC

#ifdef __cplusplus
extern "C" {
#endif

/**
 * QITcgValue:
 *
 * A number of 64 bits that the code computes when it runs. It is valid until
 * the generator returns or emits qi_tcg_call_if().
 */
typedef struct QITcgValue QITcgValue;

/* Comparisons, of numbers without sign. */
typedef enum QITcgCondition {
    QI_TCG_EQ,
    QI_TCG_NE,
    QI_TCG_LT,
    QI_TCG_LE,
    QI_TCG_GT,
    QI_TCG_GE,
} QITcgCondition;

/* Generators, of the library. Constants of the code are numbers. */
void qi_event_guest_block_exec_tcg(uint64_t pc, unsigned int instructions);
void qi_event_guest_insn_exec_tcg(uint64_t pc);
void qi_event_guest_mem_access_tcg(QITcgValue *address, QITcgValue *value,
                                   unsigned int size, bool store,
                                   QITcgValue *high);

/* What follows is for generators, until QI_TCG_SLOTS. */

/**
 * qi_tcg_constant:
 * @number: The number.
 *
 * Returns: The number as a value.
 */
QITcgValue *qi_tcg_constant(uint64_t number);

/**
 * qi_tcg_slot:
 * @slot: Number of the slot, below QI_TCG_SLOTS.
 *
 * Returns: The number in the slot of the CPU that runs the code.
 */
QITcgValue *qi_tcg_slot(unsigned int slot);

/**
 * qi_tcg_test:
 * @condition: The comparison.
 * @left: Its left side.
 * @right: Its right side.
 *
 * Returns: 1 if the comparison is true, else 0.
 */
QITcgValue *qi_tcg_test(QITcgCondition condition, QITcgValue *left,
                        QITcgValue *right);

/**
 * qi_tcg_add:
 * @slot: Number of the slot.
 * @value: The value.
 *
 * Add a value to the slot of the CPU that runs the code.
 */
void qi_tcg_add(unsigned int slot, QITcgValue *value);

/**
 * qi_tcg_call:
 * @function: A function with the parameters of the event's callback.
 *
 * Call a function.
 */
void qi_tcg_call(void *function);

/**
 * qi_tcg_call_if:
 * @condition: The comparison.
 * @left: Its left side.
 * @right: Its right side.
 * @function: A function with the parameters of the event's callback.
 *
 * Call a function if the comparison is true. Not for guest_mem_access, which is
 * in the middle of an instruction, where QEMU cannot branch: add qi_tcg_test()
 * to a slot there, and look at it in another event.
 */
void qi_tcg_call_if(QITcgCondition condition, QITcgValue *left,
                    QITcgValue *right, void *function);

/* Each CPU has that many slots, of 64 bits. They begin as zero. */
#define QI_TCG_SLOTS 8

/**
 * qi_tcg_slots:
 *
 * Returns: The slots of the CPU whose thread calls, for callbacks. NULL on
 *          another thread.
 */
uint64_t *qi_tcg_slots(void);

/**
 * qi_tcg_sum:
 * @slot: Number of the slot.
 *
 * Returns: The sum of the slot over all CPUs, also over CPUs that have ended.
 *          Numbers that CPUs add meanwhile may be missing.
 */
uint64_t qi_tcg_sum(unsigned int slot);

#ifdef __cplusplus
}
#endif

#endif /* QI_TYPE_STATIC */

#endif /* QEMU_INSTR_TCG_H */
