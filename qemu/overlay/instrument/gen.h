/*
 * Trace instrumentation: code of accesses, for QEMU's functions that generate
 * them. All that a block has besides is in guest.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_GEN_H
#define INSTRUMENT_GEN_H

#include "tcg/tcg.h"
#include "instrument/guest.h"

/**
 * QIAddress:
 * @copy: The address, for loads, which may overwrite it; or NULL.
 * @orig: The address otherwise.
 */
typedef struct QIAddress {
    TCGv_i64 copy;
    TCGTemp *orig;
} QIAddress;

/* For the functions below, in blocks that fire the event; frees the copy. */
void qi_gen_mem_i32(TCGv_i32 value, QIAddress address, MemOpIdx oi, bool store);
void qi_gen_mem_i64(TCGv_i64 low, TCGv_i64 high, QIAddress address,
                    MemOpIdx oi, bool store);

/**
 * qi_gen_guest_mem_i32:
 * @value: The value that was loaded or stored. Bits above the access are
 *         ignored: registers are wider, or sign-extended by the load.
 * @copy: A copy of the address, or NULL.
 * @orig: The address.
 * @oi: Which access it is.
 * @store: Whether it is a store.
 *
 * Generate what the code does after an access. The copy is freed, unless a
 * plugin has use for it.
 */
static inline void qi_gen_guest_mem_i32(TCGv_i32 value, TCGv_i64 copy,
                                        TCGTemp *orig, MemOpIdx oi, bool store)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    if (qi_gen_guest_mem_wanted()) {
        qi_gen_mem_i32(value, (QIAddress) { copy, orig }, oi, store);
    }
#endif
}

/* The same for 8 bytes, or for 16 with the upper ones in @high, else NULL. */
static inline void qi_gen_guest_mem_i64(TCGv_i64 low, TCGv_i64 high,
                                        TCGv_i64 copy, TCGTemp *orig,
                                        MemOpIdx oi, bool store)
{
#ifdef QI_INSTRUMENTED_GUEST_MEM_ACCESS
    if (qi_gen_guest_mem_wanted()) {
        qi_gen_mem_i64(low, high, (QIAddress) { copy, orig }, oi, store);
    }
#endif
}

#endif /* INSTRUMENT_GEN_H */
