/*
 * Conformance: the library of events-post.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <qemu-instr/control.h>

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
}

void qi_fini(void)
{
}
