/*
 * Trace instrumentation: a library of the unit test that was compiled for a
 * QEMU with other events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "test-instrument.h"

const char qi_events_digest[] = "of other events";

void qi_init(int argc, const char **argv)
{
}

void qi_fini(void)
{
}
