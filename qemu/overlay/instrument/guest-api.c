/*
 * Trace instrumentation: the API behind qemu-instr/guest.h, in all programs.
 *
 * Tools of a build with static instrumentation link the library, too, but have
 * no guest: what the filter does is in guest.c, access in guest-state.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/guest-api.h"
#include "instrument/hooks.h"
#include "instrument/lock.h"

QIFilter *qi_filter;
bool qi_sync_registers;
void (*qi_generation_changed)(void);
bool (*qi_leave_code)(unsigned limit_ms);
QIGuestAccess qi_guest_access;

/* Under qi_lock(). */
static QIInit *filter_owner;
static QIInit *sync_owners[QI_MAX_LIBRARIES];

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

static void set_filter(QIInit *owner, QIFilter *after, bool any_owner)
{
    QIFilter *before = after;

    qi_lock();
    if (any_owner || filter_owner == owner) {
        before = qatomic_xchg(&qi_filter, after);
        filter_owner = after ? owner : NULL;
    }
    qi_unlock();
    if (before == after) {
        return;
    }
    if (before) {
        call_rcu(before, free_filter, rcu);
    }
    if (qi_generation_changed) {
        qi_generation_changed();
    }
}

void qi_guest_set_filter_by(QIInit *library, const QIGuestFilter *filter)
{
    set_filter(library, filter ? copy_filter(filter) : NULL, true);
}

void qi_guest_sync_registers_by(QIInit *library, bool sync)
{
    bool before, after = false, found = !sync;

    qi_lock();
    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        if (sync_owners[i] == library) {
            sync_owners[i] = NULL;
        }
        if (!sync_owners[i] && !found) {
            sync_owners[i] = library;
            found = true;
        }
        after = after || sync_owners[i];
    }
    before = qatomic_xchg(&qi_sync_registers, after);
    qi_unlock();
    if (before != after && qi_generation_changed) {
        qi_generation_changed();
    }
}

void qi_guest_forget(QIInit *library)
{
    set_filter(library, NULL, false);
    qi_guest_sync_registers_by(library, false);
}

#define ACCESS(function, none, ...) \
    (qi_guest_access.function ? qi_guest_access.function(__VA_ARGS__) : (none))

int qi_guest_cpu(void)
{
    return ACCESS(cpu, -1);
}

bool qi_guest_read_memory(uint64_t address, void *buffer, size_t size)
{
    return ACCESS(read_memory, false, address, buffer, size);
}

bool qi_guest_physical_address(uint64_t address, uint64_t *physical)
{
    return ACCESS(physical_address, false, address, physical);
}

bool qi_guest_is_io(uint64_t address)
{
    return ACCESS(is_io, false, address);
}

int qi_guest_register(const char *name)
{
    return ACCESS(find_register, -1, name);
}

size_t qi_guest_read_register(int number, void *buffer, size_t size)
{
    return ACCESS(read_register, 0, number, buffer, size);
}
