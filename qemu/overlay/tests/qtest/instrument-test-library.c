/*
 * Trace instrumentation: the library that instrument-test.c loads. It refuses
 * arguments, and says which.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <qemu-instr/control.h>

void qi_init(int argc, const char **argv)
{
    char reason[256];
    int length = snprintf(reason, sizeof(reason), "%d arguments: ", argc);

    if (argc == 0) {
        return;
    }
    for (int i = 0; i < argc && length < (int)sizeof(reason); i++) {
        length += snprintf(reason + length, sizeof(reason) - length, "<%s>",
                           argv[i]);
    }
    qi_ctrl_fail_init(reason);
}

void qi_fini(void)
{
}
