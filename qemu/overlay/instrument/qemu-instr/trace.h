/*
 * Interface to QEMU's tracing: the state of events for its tracing backends.
 *
 * It decides whether 'qi_event_${event}_trace' records the event. Whether an
 * event calls the user's callback does not depend on it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_TRACE_H
#define QEMU_INSTR_TRACE_H

#include <stdbool.h>
#include <qemu-instr/control.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * qi_trace_event_get_state_dynamic:
 * @ev: The event.
 *
 * Returns: Whether the event is being traced.
 */
bool qi_trace_event_get_state_dynamic(QIEvent *ev);

/**
 * qi_trace_event_set_state_dynamic:
 * @ev: The event.
 * @state: Whether to trace it.
 *
 * Ignored if the event is disabled at compile time (see
 * 'QI_EVENT_${EVENT}_ENABLED') or not part of this program. For an event that
 * QEMU 7.2 traces per CPU (property "vcpu"), not to be called by callbacks of
 * mutex events.
 */
void qi_trace_event_set_state_dynamic(QIEvent *ev, bool state);

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_TRACE_H */
