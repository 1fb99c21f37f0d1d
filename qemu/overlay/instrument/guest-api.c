/*
 * Trace instrumentation: the API behind qemu-instr/guest.h, in all programs.
 *
 * Tools of a build with static instrumentation link the library, too, but have
 * no guest: what the filter does is in guest.c.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/guest-api.h"

QIFilter *qi_filter;
void (*qi_filter_changed)(void);

static void free_filter(QIFilter *filter)
{
    for (size_t i = 0; i < filter->n_symbols; i++) {
        g_pattern_spec_free(filter->symbols[i]);
    }
    g_free(filter->symbols);
    g_free(filter);
}

static QIFilter *copy_filter(const QIGuestFilter *from)
{
    QIFilter *filter = g_malloc0(sizeof(*filter)
                                 + from->n_ranges * sizeof(*from->ranges));

    filter->n_ranges = from->n_ranges;
    filter->n_symbols = from->n_symbols;
    filter->one_in = from->one_in;
    filter->symbols = g_new(GPatternSpec *, from->n_symbols);
    for (size_t i = 0; i < from->n_ranges; i++) {
        filter->ranges[i] = from->ranges[i];
    }
    for (size_t i = 0; i < from->n_symbols; i++) {
        filter->symbols[i] = g_pattern_spec_new(from->symbols[i]);
    }
    return filter;
}

void qi_guest_set_filter(const QIGuestFilter *filter)
{
    QIFilter *after = filter ? copy_filter(filter) : NULL;
    QIFilter *before = qatomic_xchg(&qi_filter, after);

    if (before) {
        call_rcu(before, free_filter, rcu);
    }
    if ((before || after) && qi_filter_changed) {
        qi_filter_changed();
    }
}
