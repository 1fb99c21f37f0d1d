/*
 * Trace instrumentation: an event of the unit test as hosts compile it that
 * access thread-local memory by its address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define QI_CALLBACK_OUT_OF_LINE
#include "qemu/osdep.h"
#include "trace/trace-util.h"
#include "test-instrument.h"

void fire_out_of_line(size_t size, void *ptr)
{
    trace_qemu_anon_ram_alloc(size, ptr);
}
