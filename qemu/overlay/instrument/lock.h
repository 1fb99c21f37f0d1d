/*
 * Trace instrumentation: the lock of the runtime.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_LOCK_H
#define INSTRUMENT_LOCK_H

#include <stdint.h>

/**
 * qi_lock:
 *
 * Take the only lock that the runtime has. Events fire with any lock of QEMU
 * held, in signal handlers of user mode, and before fork(). So the holder may
 * call nothing that takes a lock, fires an event or allocates memory. Signals
 * are blocked until qi_unlock().
 */
void qi_lock(void);

void qi_unlock(void);

/**
 * qi_cpu_removed:
 *
 * A processor has left QEMU's list, and may be freed next: wait for a thread
 * that has the lock, and may have found it there. In all builds; it does
 * nothing where callbacks cannot change.
 */
void qi_cpu_removed(void);

/* Sums of the slots of processors that have ended, under qi_lock(). */
extern uint64_t qi_kept_slots[];

/**
 * qi_keep_slots:
 * @slots: Slots of a processor that leaves QEMU's list.
 *
 * Add them to qi_kept_slots and clear them. In all builds, as above.
 */
void qi_keep_slots(uint64_t *slots);

#endif /* INSTRUMENT_LOCK_H */
