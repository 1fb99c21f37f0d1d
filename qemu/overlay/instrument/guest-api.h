/*
 * Trace instrumentation: what is behind qemu-instr/guest.h.
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

/* Whether guest_insn_exec finds all registers in CPUArchState. */
extern bool qi_sync_registers;

/*
 * Called after a change of what code is to be generated, under the conditions
 * of qi_hooks_on_change().
 */
extern void (*qi_generation_changed)(void);

/*
 * Throws away all translated code, which may call a library, and waits until no
 * processor is in it. Returns false if that takes longer. NULL in programs
 * without translated code, and in user mode, which unloads no library.
 */
extern bool (*qi_leave_code)(unsigned limit_ms);

/* The library is unloaded: undo what it has set. */
void qi_guest_forget(QIInit *library);

/**
 * QIGuestAccess:
 *
 * What is behind the functions of the same name, set by a constructor of
 * guest-state.c, which only emulators have.
 */
typedef struct QIGuestAccess {
    int (*cpu)(void);
    bool (*read_memory)(uint64_t address, void *buffer, size_t size);
    bool (*physical_address)(uint64_t address, uint64_t *physical);
    bool (*is_io)(uint64_t address);
    int (*find_register)(const char *name);
    size_t (*read_register)(int number, void *buffer, size_t size);
} QIGuestAccess;

extern QIGuestAccess qi_guest_access;

#endif /* INSTRUMENT_GUEST_API_H */
