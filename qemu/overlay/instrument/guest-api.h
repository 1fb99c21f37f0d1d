/*
 * Trace instrumentation: what is behind qemu-instr/guest.h.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_GUEST_API_H
#define INSTRUMENT_GUEST_API_H

#include "qemu/rcu.h"
#include "qemu-instr/guest.h"

/**
 * QIFilter:
 *
 * A copy of the library's QIGuestFilter, which does not change any more.
 */
typedef struct QIFilter {
    struct rcu_head rcu;
    size_t n_ranges;
    size_t n_symbols;
    unsigned int one_in;
    GPatternSpec **symbols;
    QIGuestRange ranges[];
} QIFilter;

/* By RCU. NULL selects all code. */
extern QIFilter *qi_filter;

/* Called after a change, under the conditions of qi_hooks_on_change(). */
extern void (*qi_filter_changed)(void);

#endif /* INSTRUMENT_GUEST_API_H */
