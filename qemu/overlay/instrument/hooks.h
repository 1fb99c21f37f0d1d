/*
 * Trace instrumentation: what the generated trace groups register.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 */

#ifndef INSTRUMENT_HOOKS_H
#define INSTRUMENT_HOOKS_H

#include "trace/control.h"

/**
 * QIHook:
 * @event: The trace event.
 * @nop: qi_event_X_nop.
 * @trace: qi_event_X_trace.
 * @callback: Where trace_X() reads the callback, NULL in it stands for @nop.
 *            NULL itself with static instrumentation.
 *
 * One instrumented event.
 */
typedef struct QIHook {
    TraceEvent *event;
    void *nop;
    void *trace;
    void **callback;
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
 * qi_hooks_reset:
 *
 * Set all callbacks to the nop.
 */
void qi_hooks_reset(void);

/**
 * qi_hooks_set_resolver:
 * @resolve: Returns the address of a symbol of the loaded library, or NULL.
 *
 * Who finds the callback of QI_CTRL_INSTR_AUTO. NULL: nobody.
 */
void qi_hooks_set_resolver(void *(*resolve)(const char *symbol));

#endif /* INSTRUMENT_HOOKS_H */
