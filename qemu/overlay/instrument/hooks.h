/*
 * Trace instrumentation: what the generated trace groups register.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_HOOKS_H
#define INSTRUMENT_HOOKS_H

#include "trace/control.h"

/**
 * QICall:
 * @sequence: Odd while the other members change.
 * @function: A callback with data; NULL before the first.
 * @data: Its last argument.
 *
 * Written under qi_lock().
 */
typedef struct QICall {
    unsigned sequence;
    void *function;
    void *data;
} QICall;

/* Its function and data, which belong together. */
static inline QICall qi_call_read(const QICall *call)
{
    QICall copy;

    do {
        copy.sequence = __atomic_load_n(&call->sequence, __ATOMIC_ACQUIRE);
        copy.function = __atomic_load_n(&call->function, __ATOMIC_ACQUIRE);
        copy.data = __atomic_load_n(&call->data, __ATOMIC_ACQUIRE);
    } while (copy.sequence % 2 == 1
             || copy.sequence != __atomic_load_n(&call->sequence,
                                                 __ATOMIC_RELAXED));
    return copy;
}

/**
 * QIHook:
 * @event: The trace event.
 * @nop: qi_event_X_nop.
 * @trace: qi_event_X_trace.
 * @callback: Where trace_X() reads the callback, NULL in it stands for @nop.
 *            NULL itself with static instrumentation.
 * @call: The callback with data, which @with_data calls.
 * @with_data: The event's callback if it has data.
 *
 * One instrumented event.
 */
typedef struct QIHook {
    TraceEvent *event;
    void *nop;
    void *trace;
    void **callback;
    QICall *call;
    void *with_data;
} QIHook;

/**
 * qi_hooks_register:
 * @hooks: The instrumented events of a trace group, never freed.
 * @count: Number of @hooks.
 *
 * Make a group's events available. Called before main() parses its options.
 */
void qi_hooks_register(QIHook *hooks, size_t count);

/**
 * qi_hooks_open:
 * @resolve: Returns the address of a symbol of the loaded library, or NULL.
 *
 * From now on callbacks can be set.
 */
void qi_hooks_open(void *(*resolve)(const char *symbol));

/**
 * qi_hooks_close:
 *
 * Set all callbacks to the nop. From now on they cannot be set. Other threads
 * may still be inside a callback: see qi_callbacks_quiesce().
 */
void qi_hooks_close(void);

/**
 * qi_hooks_free:
 *
 * Free the memory of qi_ctrl_alloc(): no callback runs any more.
 */
void qi_hooks_free(void);

/**
 * qi_hooks_on_change:
 * @changed: Called when the event begins or ceases to have a callback, by the
 *           thread that changes it. That may be in a callback, with any lock of
 *           QEMU held: takes none of them.
 */
void qi_hooks_on_change(void (*changed)(TraceEvent *event));

/**
 * qi_hooks_begin_init:
 *
 * From now on qi_ctrl_fail_init() is heeded.
 */
void qi_hooks_begin_init(void);

/**
 * qi_hooks_end_init:
 *
 * From now on qi_ctrl_fail_init() is ignored.
 *
 * Returns: The reason that qi_init() gave to qi_ctrl_fail_init(), to be freed,
 *          or NULL.
 */
char *qi_hooks_end_init(void);

#endif /* INSTRUMENT_HOOKS_H */
