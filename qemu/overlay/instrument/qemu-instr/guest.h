/*
 * Interface to the guest: which of its code fires events.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_GUEST_H
#define QEMU_INSTR_GUEST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * QIGuestRange:
 * @first: Virtual address of its first byte.
 * @last: Virtual address of its last byte.
 */
typedef struct QIGuestRange {
    uint64_t first;
    uint64_t last;
} QIGuestRange;

/**
 * QIGuestFilter:
 * @ranges: Where code is selected.
 * @n_ranges: Number of @ranges.
 * @symbols: Names of functions whose code is selected; '*' matches any text,
 *           '?' any character.
 * @n_symbols: Number of @symbols.
 * @one_in: Of the blocks that are selected so far, one in so many stays
 *          selected. Its address decides, so that it is the same one in every
 *          run. 0 and 1: all of them.
 *
 * Code is selected if it is in one of @ranges or in one of @symbols. Without
 * any of both all code is.
 *
 * QEMU knows the functions of what it loads itself, with a symbol table: the
 * program of user mode (if there are @symbols when it is loaded, so from
 * qi_init() on; without libraries that the program loads), or an ELF file of
 * the options -kernel and -device loader.
 */
typedef struct QIGuestFilter {
    const QIGuestRange *ranges;
    size_t n_ranges;
    const char *const *symbols;
    size_t n_symbols;
    unsigned int one_in;
} QIGuestFilter;

/**
 * qi_guest_set_filter:
 * @filter: Which code is to fire events, copied; NULL for all.
 *
 * Choose the code that fires guest_block_exec and guest_mem_access. Other code
 * is translated as if these events had no callback, so that it does not pay for
 * them. A block ends where the selection by @ranges and @symbols does. An
 * access of an interrupt or exception counts to the block before it.
 *
 * Can be called from qi_init() until qi_fini() has returned, by any thread and
 * by callbacks, except in the handler of a signal. Translated code is
 * discarded, which each CPU does when it next leaves its code. The filter is
 * removed when the library is unloaded.
 */
void qi_guest_set_filter(const QIGuestFilter *filter);

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_GUEST_H */
