/*
 * Trace instrumentation: what the generated trace groups register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_HOOKS_H
#define INSTRUMENT_HOOKS_H

#include "trace/control.h"
#include "qemu-instr/control.h"

/* How many can be loaded at once. Each event has a place for each of them. */
#define QI_MAX_LIBRARIES 4

/**
 * QICall:
 * @sequence: Odd while the other members change.
 * @with_data: Whether the function has a further argument, @data.
 * @function: The callback that a library has set, or NULL.
 *
 * Written under qi_lock().
 */
typedef struct QICall {
    unsigned sequence;
    bool with_data;
    void *function;
    void *data;
} QICall;

/* Its members, which belong together. */
static inline QICall qi_call_read(const QICall *call)
{
    QICall copy;

    do {
        copy.sequence = __atomic_load_n(&call->sequence, __ATOMIC_ACQUIRE);
        copy.with_data = __atomic_load_n(&call->with_data, __ATOMIC_ACQUIRE);
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
 * @calls: The callback of each library, by its place.
 * @each: The event's callback if it is not just one of @calls without data:
 *        calls them all.
 *
 * One instrumented event.
 */
typedef struct QIHook {
    TraceEvent *event;
    void *nop;
    void *trace;
    void **callback;
    QICall *calls;
    void *each;
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
 * @library: Stands for the library.
 * @resolve: Returns the address of a symbol of the library, or NULL.
 * @handle: The first argument of @resolve.
 *
 * From now on the library can set callbacks.
 *
 * Returns: false if all places for libraries are taken.
 */
bool qi_hooks_open(QIInit *library,
                   void *(*resolve)(void *handle, const char *symbol),
                   void *handle);

/**
 * qi_hooks_close:
 * @library: The library.
 *
 * Remove the callbacks of the library. From now on it cannot set any. Other
 * threads may still be inside of them: see qi_callbacks_quiesce().
 */
void qi_hooks_close(QIInit *library);

/**
 * qi_hooks_release:
 * @library: The library.
 * @unused: Whether none of its callbacks runs any more.
 *
 * Give away the place of the library, and free its memory if that is unused.
 */
void qi_hooks_release(QIInit *library, bool unused);

/**
 * qi_hooks_on_change:
 * @changed: Called when the event has another callback, or none, by the thread
 *           that changes it. That may be in a callback, with any lock of QEMU
 *           held: takes none of them.
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
