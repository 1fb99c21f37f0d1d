/*
 * Trace instrumentation: call sites that ask whether an event is traced.
 *
 * Included by the headers of the trace groups. trace_event_get_state() guards
 * trace points whose arguments are costly; it must be true while there is a
 * callback. The header of a group defines QI_WANTED_TRACE_X as "0, condition"
 * for its instrumented events, after the code of the backends, which depends on
 * the state alone. For other events nothing changes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_STATE_H
#define INSTRUMENT_STATE_H

#include "trace/control.h"

#define QI_SECOND(first, second, ...) second
#define QI_EXPAND_SECOND(...) QI_SECOND(__VA_ARGS__)
#define QI_WANTED(id) QI_EXPAND_SECOND(QI_WANTED_ ## id, false, 0)

#undef trace_event_get_state
#define trace_event_get_state(id)                       \
    ((id ##_ENABLED) &&                                 \
     (trace_event_get_state_dynamic_by_id(id) || QI_WANTED(id)))

#endif /* INSTRUMENT_STATE_H */
