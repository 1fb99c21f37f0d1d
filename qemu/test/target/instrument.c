/*
 * Conformance: a static library that is compiled as QEMU's code for the target:
 * with the target's values in its Makefile, and with QEMU's headers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

void qi_event_qemu_anon_ram_alloc(size_t size, void *ptr)
{
}

void qi_init(int argc, const char **argv)
{
    fprintf(stderr, "TARGET %s of %s, %d registers\n", NAME, ARCH,
            (int)ARRAY_SIZE(((CPUX86State *)NULL)->regs));
    fprintf(stderr, "ARGS %d", argc);
    for (int i = 0; i < argc; i++) {
        fprintf(stderr, " [%s]", argv[i]);
    }
    fprintf(stderr, "%s\n", argv[argc] ? " ..." : "");
}

void qi_fini(void)
{
}
