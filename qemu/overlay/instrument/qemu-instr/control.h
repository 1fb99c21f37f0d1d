/*
 * Interface to QEMU's trace instrumentation: which events there are and which
 * callback each of them has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_CONTROL_H
#define QEMU_INSTR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <qemu-instr/config.h>
#include <qemu-instr/events-list.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * QIEvent:
 *
 * Opaque handle of a trace event. Valid as long as QEMU runs.
 */
typedef struct QIEvent QIEvent;

/**
 * QI_CTRL_INSTR_NOP:
 *
 * Callback 'qi_event_${event}_nop', which is how every event starts. It costs
 * a test, no call.
 */
#define QI_CTRL_INSTR_NOP ((void *)0)

/**
 * QI_CTRL_INSTR_AUTO:
 *
 * Callback 'qi_event_${event}' of the library.
 */
#define QI_CTRL_INSTR_AUTO ((void *)-1)

/**
 * QI_CTRL_INSTR_TRACE:
 *
 * Callback 'qi_event_${event}_trace': QEMU's own tracing.
 */
#define QI_CTRL_INSTR_TRACE ((void *)-2)

/**
 * qi_init:
 * @argc: Number of arguments.
 * @argv: Arguments, as given by 'arg=' of '-instr', in that order; a NULL
 *        follows the last. Valid until qi_fini() has returned.
 *
 * Provided by the user's library and called once, before the guest starts.
 * With static instrumentation, callbacks of events can run before it.
 */
void qi_init(int argc, const char **argv);

/**
 * QIInit:
 *
 * A qi_init(), which stands for its library: several can be loaded at once.
 */
typedef void QIInit(int argc, const char **argv);

/**
 * qi_fini:
 *
 * Provided by the user's library and called once, when it is unloaded or QEMU
 * exits. Other threads may still be running callbacks. Threads of the library
 * must have ended when it returns.
 */
void qi_fini(void);

/**
 * qi_ctrl_fail_init:
 * @reason: The reason, for the user.
 *
 * To be called by qi_init() if the library cannot work, for example because of
 * its arguments. QEMU then refuses to load it: all callbacks are reset and
 * qi_fini() is not called. If QEMU is only starting it exits with the reason.
 */
void qi_ctrl_fail_init(const char *reason);

/**
 * qi_ctrl_dynamic:
 *
 * Returns: Whether callbacks can be set (dynamic instrumentation).
 */
bool qi_ctrl_dynamic(void);

/**
 * qi_ctrl_event_id:
 * @id: Identifier of an event.
 *
 * Returns: The event, NULL if no event has that identifier.
 */
QIEvent *qi_ctrl_event_id(QIEventID id);

/**
 * qi_ctrl_event_pattern:
 * @pattern: Name of an event; '*' matches any text, '?' any character.
 * @ev: Event to continue after, or NULL to begin.
 *
 * Events are found in order of their identifiers.
 *
 * Returns: The next event that matches, NULL after the last.
 */
QIEvent *qi_ctrl_event_pattern(const char *pattern, QIEvent *ev);

/**
 * qi_ctrl_event_get_name:
 * @ev: The event.
 *
 * Returns: The name of the event.
 */
const char *qi_ctrl_event_get_name(QIEvent *ev);

/**
 * qi_ctrl_event_get_id:
 * @ev: The event.
 *
 * Returns: The identifier of the event.
 */
QIEventID qi_ctrl_event_get_id(QIEvent *ev);

/**
 * qi_ctrl_event_is_available:
 * @ev: The event.
 *
 * Returns: Whether the event is instrumented and part of this program.
 */
bool qi_ctrl_event_is_available(QIEvent *ev);

/* The functions below, for the library that has this qi_init(). */
bool qi_ctrl_event_set_by(QIInit *library, QIEvent *ev, void *callback);
bool qi_ctrl_event_set_data_by(QIInit *library, QIEvent *ev, void *callback,
                               void *data);
void *qi_ctrl_alloc_by(QIInit *library, size_t size);

/**
 * qi_ctrl_event_set:
 * @ev: The event.
 * @callback: One of QI_CTRL_INSTR_*, or a function with the parameters of the
 *            event.
 *
 * Set the event's callback, one for each library that is loaded. An event
 * calls the callbacks of all libraries; from the second on it costs more.
 *
 * Can be called from qi_init() until qi_fini() has returned, from any thread,
 * and from callbacks, including the callback of the same event; callbacks that
 * are running go on. Code of the guest that a CPU executes calls the former
 * callback until the CPU leaves it. QI_CTRL_INSTR_AUTO looks up a symbol and
 * allocates memory, which the handler of a signal must not do.
 *
 * Returns: Whether the callback was set. It is not if the event is not
 *          available, if a library does not have the function that
 *          QI_CTRL_INSTR_AUTO needs, and never with static instrumentation.
 */
static inline bool qi_ctrl_event_set(QIEvent *ev, void *callback)
{
    return qi_ctrl_event_set_by(qi_init, ev, callback);
}

/**
 * qi_ctrl_event_set_data:
 * @ev: The event.
 * @callback: A function with the parameters of the event and after them a
 *            'void *data'.
 * @data: The callback's last argument.
 *
 * Set the event's callback and its data at once, as qi_ctrl_event_set() does
 * without data: an event never calls a callback with the data of another one.
 * It costs one more call per event.
 *
 * Returns: Whether the callback was set.
 */
static inline bool qi_ctrl_event_set_data(QIEvent *ev, void *callback,
                                          void *data)
{
    return qi_ctrl_event_set_data_by(qi_init, ev, callback, data);
}

/**
 * qi_ctrl_alloc:
 * @size: In bytes.
 *
 * For what callbacks use and qi_fini() cannot free, as other threads may still
 * be running callbacks. Not to be called in the handler of a signal.
 *
 * Returns: Memory of zeroes that begins at a multiple of 64 bytes. QEMU frees
 *          it when it unloads the library.
 */
static inline void *qi_ctrl_alloc(size_t size)
{
    return qi_ctrl_alloc_by(qi_init, size);
}

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_CONTROL_H */
