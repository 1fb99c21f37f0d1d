/*
 * Storage per CPU, which sums itself: callbacks of different CPUs neither lock
 * nor share cache lines.
 *
 *     typedef struct Counts {
 *         uint64_t blocks;
 *         uint64_t instructions;
 *     } Counts;
 *     static QIScoreboard counts = QI_SCOREBOARD_INIT(Counts);
 *
 *     void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
 *                                    unsigned int instructions)
 *     {
 *         Counts *mine = (Counts *)qi_scoreboard_find(&counts, cpu);
 *
 *         mine->blocks++;
 *         mine->instructions += instructions;
 *     }
 *
 *     ... qi_scoreboard_sum(&counts, offsetof(Counts, blocks)) ...
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_SCOREBOARD_H
#define QEMU_INSTR_SCOREBOARD_H

#include <stddef.h>
#include <stdint.h>
#include <qemu-instr/control.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QI_SCOREBOARD_PARTS 32

/**
 * QIScoreboard:
 * @size: Of an element, in bytes, a multiple of a cache line.
 * @parts: Part k has the elements of 2^k CPUs. NULL until one of them needs it,
 *         so that elements never move.
 *
 * An element for each CPU, and one for all threads that are not CPUs. Elements
 * begin as zero. QEMU frees them when it unloads the library.
 */
typedef struct QIScoreboard {
    size_t size;
    char *parts[QI_SCOREBOARD_PARTS];
} QIScoreboard;

/**
 * QI_SCOREBOARD_INIT:
 * @type: Of the elements.
 *
 * Initialises a QIScoreboard. Callbacks can use it at once, before qi_init()
 * too.
 */
#define QI_SCOREBOARD_INIT(type) \
    { (sizeof(type) + 63) / 64 * 64, { NULL } }

/* Elements are numbered by CPU from 2 on; number 1 stands for no CPU. */
__attribute__((cold, noinline, unused))
static char *qi_scoreboard_add(QIScoreboard *board, unsigned int part)
{
    char *now = (char *)qi_ctrl_alloc(board->size << part);
    char *before = NULL;

    return __atomic_compare_exchange_n(&board->parts[part], &before, now, 0,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
        ? now : before;
}

/**
 * qi_scoreboard_find:
 * @board: The scoreboard.
 * @cpu: Index of the CPU that runs the callback, as events have it; -1 for a
 *       thread without a CPU.
 *
 * Returns: The element of the CPU, which no other thread changes. Several
 *          threads may change the element of -1, with atomic operations.
 */
static inline void *qi_scoreboard_find(QIScoreboard *board, int cpu)
{
    unsigned int number = (unsigned int)cpu + 2;
    unsigned int part = 31 - __builtin_clz(number);
    char *first = __atomic_load_n(&board->parts[part], __ATOMIC_ACQUIRE);

    if (__builtin_expect(first == NULL, 0)) {
        first = qi_scoreboard_add(board, part);
    }
    return first + (number - (1U << part)) * board->size;
}

/**
 * qi_scoreboard_sum:
 * @board: The scoreboard.
 * @offset: Of a member of the elements, an uint64_t.
 *
 * Returns: The sum of the member over all elements. What CPUs add meanwhile may
 *          be missing.
 */
static inline uint64_t qi_scoreboard_sum(QIScoreboard *board, size_t offset)
{
    uint64_t sum = 0;

    for (unsigned int part = 0; part < QI_SCOREBOARD_PARTS; part++) {
        char *first = __atomic_load_n(&board->parts[part], __ATOMIC_ACQUIRE);

        for (size_t i = 0; first != NULL && i < (size_t)1 << part; i++) {
            sum += __atomic_load_n((uint64_t *)(first + i * board->size
                                                + offset), __ATOMIC_RELAXED);
        }
    }
    return sum;
}

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_SCOREBOARD_H */
