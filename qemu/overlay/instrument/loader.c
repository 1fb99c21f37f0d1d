/*
 * Trace instrumentation: starting and ending the user's library.
 *
 * Not part of libqemuutil: there it would drag qi_init() into every tool and
 * unit test of a build with static instrumentation.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/option.h"
#include "instrument/callback.h"
#include "instrument/hooks.h"
#include "instrument/loader.h"
#include "qemu-instr/control.h"
#include "qemu-instr/guest.h"

#ifdef QI_TYPE_STATIC
#define UNAVAILABLE "this QEMU has static trace instrumentation: " \
                    "its library is linked in and always loaded"
#else
#define UNAVAILABLE "this QEMU was built without trace instrumentation"
#endif

#if defined(QI_TYPE_DYNAMIC) || defined(QI_TYPE_STATIC)

typedef void (*QIInitFunc)(int argc, const char **argv);
typedef void (*QIFiniFunc)(void);

/* set between qi_init() and qi_fini(); the thread that takes it calls it */
static QIFiniFunc fini;
static bool stop_registered;

/* Not part of the executable, or not compiled like it. */
QEMU_DISABLE_CFI
static bool call_init(QIInitFunc init_func, QIFiniFunc fini_func,
                      int argc, const char **argv, Error **errp)
{
    g_autofree char *failure = NULL;

    if (!stop_registered) {
        stop_registered = true;
        atexit(qi_stop);
    }
    qi_hooks_begin_init();
    init_func(argc, argv);
    failure = qi_hooks_end_init();
    if (failure) {
        error_setg(errp, "instrumentation library refuses: %s", failure);
        return false;
    }
    __atomic_store_n(&fini, fini_func, __ATOMIC_RELEASE);
    return true;
}

QEMU_DISABLE_CFI
static bool call_fini(void)
{
    QIFiniFunc fini_func = __atomic_exchange_n(&fini, NULL, __ATOMIC_ACQ_REL);

    if (!fini_func) {
        return false;
    }
    fini_func();
    qi_hooks_close();
    return true;
}

void qi_stop(void)
{
    /*
     * The library stays mapped: other threads still run and may be inside one
     * of its callbacks.
     */
    call_fini();
}

/* what -instr asked for, until qi_start() */
static char *opt_file;
static GPtrArray *opt_args;

#ifdef QI_TYPE_STATIC
static const bool linked_in = true;
#else
static const bool linked_in;
#endif

static int opt_add(void *opaque, const char *name, const char *value,
                   Error **errp)
{
    if (strcmp(name, "file") == 0) {
        if (linked_in) {
            error_setg(errp, "%s", UNAVAILABLE);
            return -1;
        }
        if (opt_file) {
            error_setg(errp, "only one instrumentation library can be loaded");
            return -1;
        }
        opt_file = g_strdup(value);
    } else if (strcmp(name, "arg") == 0) {
        g_ptr_array_add(opt_args, g_strdup(value));
    } else {
        error_setg(errp, "unknown parameter '%s', "
                   "expected [file=]<file>[,arg=<string>]...", name);
        return -1;
    }
    return 0;
}

static QemuOptsList instr_opts = {
    .name = "instr",
    .implied_opt_name = "file",
    .head = QTAILQ_HEAD_INITIALIZER(instr_opts.head),
    .desc = {
        /* arg= may repeat: taken one by one in opt_add() */
        { /* end of list */ }
    },
};

void qi_opt_parse(const char *optarg)
{
    Error *err = NULL;
    QemuOpts *opts = qemu_opts_parse_noisily(&instr_opts, optarg, true);

    if (!opts) {
        exit(1);
    }
    if (!opt_args) {
        opt_args = g_ptr_array_new_with_free_func(g_free);
    }
    if (qemu_opt_foreach(opts, opt_add, NULL, &err) == 0
        && !linked_in && (!opt_file || !*opt_file)) {
        error_setg(&err, "file= is missing");
    }
    if (err) {
        error_reportf_err(err, "-instr: ");
        exit(1);
    }
    qemu_opts_del(opts);
}

#else

void qi_opt_parse(const char *optarg)
{
    error_report("-instr: %s", UNAVAILABLE);
    exit(1);
}

void qi_start(void)
{
}

void qi_stop(void)
{
}

#endif

#ifdef QI_TYPE_DYNAMIC

#include <dlfcn.h>

#define QUIESCE_LIMIT_MS 5000

static void *library;
static const char **library_argv;

static void *resolve(const char *symbol)
{
    return dlsym(library, symbol);
}

/* After qi_hooks_close(): no thread enters the library any more. */
static void close_library(void)
{
    if (qi_callbacks_quiesce(QUIESCE_LIMIT_MS)) {
        dlclose(library);
        qi_hooks_free();
        g_strfreev((char **)library_argv);
    } else {
        warn_report("a callback of the instrumentation library may still run: "
                    "its code stays in memory");
    }
    /* last: callbacks that were still running may have set them */
    qi_guest_set_filter(NULL);
    qi_guest_sync_registers(false);
    library = NULL;
    library_argv = NULL;
}

/* A library with identifiers of other events would set the wrong callbacks. */
static bool check_library(const char *path, QIInitFunc init_func,
                          QIFiniFunc fini_func, Error **errp)
{
    const char *digest = dlsym(library, "qi_events_digest");

    if (!init_func || !fini_func) {
        error_setg(errp, "instrumentation library '%s' has no %s()", path,
                   init_func ? "qi_fini" : "qi_init");
    } else if (!digest) {
        error_setg(errp, "instrumentation library '%s' was not compiled with "
                   "the headers of a QEMU with dynamic trace instrumentation",
                   path);
    } else if (strcmp(digest, QI_EVENTS_DIGEST) != 0) {
        error_setg(errp, "instrumentation library '%s' was compiled for a QEMU "
                   "with other trace events: compile it with the headers of "
                   "this one", path);
    } else {
        return true;
    }
    return false;
}

bool qi_load(const char *path, int argc, const char **argv, Error **errp)
{
    QIInitFunc init_func;
    QIFiniFunc fini_func;

    if (library) {
        error_setg(errp, "an instrumentation library is already loaded");
        return false;
    }
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_setg(errp, "cannot load instrumentation library: %s", dlerror());
        return false;
    }
    init_func = (QIInitFunc)dlsym(library, "qi_init");
    fini_func = (QIFiniFunc)dlsym(library, "qi_fini");
    if (!check_library(path, init_func, fini_func, errp)) {
        dlclose(library);
        library = NULL;
        return false;
    }

    library_argv = g_new0(const char *, argc + 1);
    for (int i = 0; i < argc; i++) {
        library_argv[i] = g_strdup(argv[i]);
    }
    qi_hooks_open(resolve);
    if (!call_init(init_func, fini_func, argc, library_argv, errp)) {
        qi_hooks_close();
        close_library();
        return false;
    }
    return true;
}

bool qi_unload(Error **errp)
{
    if (!library || !call_fini()) {
        error_setg(errp, "no instrumentation library is loaded");
        return false;
    }
    close_library();
    return true;
}

void qi_start(void)
{
    Error *err = NULL;

    if (!opt_file) {
        return;
    }
    if (!qi_load(opt_file, opt_args->len, (const char **)opt_args->pdata,
                 &err)) {
        error_reportf_err(err, "-instr: ");
        exit(1);
    }
    g_free(opt_file);
    opt_file = NULL;
    g_ptr_array_unref(opt_args);
    opt_args = NULL;
}

#else /* !QI_TYPE_DYNAMIC */

bool qi_load(const char *path, int argc, const char **argv, Error **errp)
{
    error_setg(errp, "%s", UNAVAILABLE);
    return false;
}

bool qi_unload(Error **errp)
{
    error_setg(errp, "%s", UNAVAILABLE);
    return false;
}

#ifdef QI_TYPE_STATIC
void qi_start(void)
{
    Error *err = NULL;
    int argc = opt_args ? opt_args->len : 0;

    if (!opt_args) {
        opt_args = g_ptr_array_new();
    }
    g_ptr_array_add(opt_args, NULL); /* they stay, for qi_init() keeps them */
    if (!call_init(qi_init, qi_fini, argc, (const char **)opt_args->pdata,
                   &err)) {
        error_report_err(err);
        exit(1);
    }
}
#endif

#endif /* !QI_TYPE_DYNAMIC */
