/*
 * Trace instrumentation: instr-load and instr-unload of the monitors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/loader.h"
#include "instrument/monitor.h"
#include "monitor/hmp.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-instrument.h"
#if __has_include("qobject/qdict.h")
#include "qobject/qdict.h" /* its place since 10.0 */
#else
#include "qapi/qmp/qdict.h"
#endif

void qmp_instr_load(const char *file, bool has_args, strList *args,
                    Error **errp)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();

    for (; has_args && args; args = args->next) {
        g_ptr_array_add(argv, args->value);
    }
    qi_load(file, argv->len, (const char **)argv->pdata, errp);
}

#if QEMU_VERSION_MAJOR < 8
void qmp_instr_unload(bool has_file, const char *file, Error **errp)
{
    qi_unload(has_file ? file : NULL, errp);
}
#else
void qmp_instr_unload(const char *file, Error **errp)
{
    qi_unload(file, errp);
}
#endif

void hmp_instr_load(Monitor *mon, const QDict *qdict)
{
    const char *text = qdict_get_try_str(qdict, "args");
    g_auto(GStrv) argv = NULL;
    Error *err = NULL;
    int argc = 0;

    if (text && !g_shell_parse_argv(text, &argc, &argv, NULL)) {
        error_setg(&err, "the arguments have an unmatched quote, or are blank");
    } else {
        qi_load(qdict_get_str(qdict, "file"), argc, (const char **)argv, &err);
    }
    hmp_handle_error(mon, err);
}

void hmp_instr_unload(Monitor *mon, const QDict *qdict)
{
    Error *err = NULL;

    qi_unload(qdict_get_try_str(qdict, "file"), &err);
    hmp_handle_error(mon, err);
}
