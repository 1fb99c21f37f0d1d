/*
 * Conformance: callbacks in programs other than emulators, where qi_init() is
 * not called.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

void qi_event_bdrv_open_common(void *bs, const char *filename, int flags,
                               const char *format_name)
{
    (void)bs, (void)filename, (void)flags;
    fprintf(stderr, "OPEN %s\n", format_name);
}

void qi_event_qemu_coroutine_terminate(void *co)
{
    static bool once;

    (void)co;
    if (!once) {
        once = true;
        fprintf(stderr, "COROUTINE\n");
    }
}

void qi_init(int argc, const char **argv)
{
    (void)argc, (void)argv;
    fprintf(stderr, "INIT\n");
}

void qi_fini(void)
{
    fprintf(stderr, "FINI\n");
}
