/*
 * Trace instrumentation: starting and ending the user's library.
 *
 * Not part of libqemuutil: there it would drag qi_init() into every tool and
 * unit test of a build with static instrumentation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/option.h"
#include "instrument/hooks.h"
#include "instrument/loader.h"
#include "qemu-instr/control.h"

#ifdef QI_TYPE_STATIC
#define UNAVAILABLE "this QEMU has static trace instrumentation: " \
                    "its library is linked in and always loaded"
#else
#define UNAVAILABLE "this QEMU was built without trace instrumentation"
#endif

#if defined(QI_TYPE_DYNAMIC) || defined(QI_TYPE_STATIC)

typedef void QIFini(void);

/**
 * QILoaded:
 * @path: The shared object, NULL with static instrumentation.
 * @handle: From dlopen().
 * @argv: The arguments.
 * @init: Its qi_init(). NULL if nothing is loaded here.
 * @fini: Its qi_fini(), between that and unloading or the end of the process;
 *        the thread that takes it calls it.
 */
typedef struct QILoaded {
    char *path;
    void *handle;
    const char **argv;
    QIInit *init;
    QIFini *fini;
} QILoaded;

static QILoaded loaded[QI_MAX_LIBRARIES];
static bool stop_registered;

/* Not part of the executable, or not compiled like it. */
QEMU_DISABLE_CFI
static bool call_init(QILoaded *library, QIFini *fini, int argc, Error **errp)
{
    g_autofree char *failure = NULL;

    if (!stop_registered) {
        stop_registered = true;
        atexit(qi_stop);
    }
    qi_hooks_begin_init();
    library->init(argc, library->argv);
    failure = qi_hooks_end_init();
    if (failure) {
        error_setg(errp, "instrumentation library refuses: %s", failure);
        return false;
    }
    __atomic_store_n(&library->fini, fini, __ATOMIC_RELEASE);
    return true;
}

QEMU_DISABLE_CFI
static bool call_fini(QILoaded *library)
{
    QIFini *fini = __atomic_exchange_n(&library->fini, NULL, __ATOMIC_ACQ_REL);

    if (!fini) {
        return false;
    }
    fini();
    qi_hooks_close(library->init);
    return true;
}

void qi_stop(void)
{
    /*
     * Libraries stay mapped: other threads still run and may be inside their
     * callbacks.
     */
    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        call_fini(&loaded[i]);
    }
}

#ifdef QI_TYPE_STATIC
static const bool linked_in = true;
#else
static const bool linked_in;
#endif

/* What an option -instr asked for. */
typedef struct QIOption {
    char *file;
    GPtrArray *args;
} QIOption;

/* All of them, until qi_start(). With static instrumentation one. */
static GArray *options;

static int opt_add(void *opaque, const char *name, const char *value,
                   Error **errp)
{
    QIOption *option = opaque;

    if (strcmp(name, "file") == 0) {
        if (linked_in) {
            error_setg(errp, "%s", UNAVAILABLE);
            return -1;
        }
        if (option->file) {
            error_setg(errp, "file= is given twice");
            return -1;
        }
        option->file = g_strdup(value);
    } else if (strcmp(name, "arg") == 0) {
        g_ptr_array_add(option->args, g_strdup(value));
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
    QIOption *option;

    if (!opts) {
        exit(1);
    }
    if (!options) {
        options = g_array_new(false, true, sizeof(QIOption));
    }
    if (options->len == 0 || !linked_in) {
        QIOption added = { .args = g_ptr_array_new_with_free_func(g_free) };

        g_array_append_val(options, added);
    }
    option = &g_array_index(options, QIOption, options->len - 1);
    if (qemu_opt_foreach(opts, opt_add, option, &err) == 0
        && !linked_in && (!option->file || !*option->file)) {
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
#include "instrument/callback.h"
#include "instrument/guest-api.h"

#define QUIESCE_LIMIT_MS 5000

static void *resolve(void *handle, const char *symbol)
{
    return dlsym(handle, symbol);
}

static void empty(QILoaded *library)
{
    g_free(library->path);
    *library = (QILoaded) { NULL };
}

/* After qi_hooks_close(): no thread enters the library any more. */
static void close_library(QILoaded *library)
{
    bool unused = (!qi_leave_code || qi_leave_code(QUIESCE_LIMIT_MS))
        && qi_callbacks_quiesce(QUIESCE_LIMIT_MS);

    /* callbacks that were still running may have set it */
    qi_guest_forget(library->init);
    qi_hooks_release(library->init, unused);
    if (unused) {
        dlclose(library->handle);
        g_strfreev((char **)library->argv);
    } else {
        warn_report("a callback of the instrumentation library may still run: "
                    "its code stays in memory");
    }
    empty(library);
}

/* A library with identifiers of other events would set the wrong callbacks. */
static bool check_library(const QILoaded *library, QIFini *fini, Error **errp)
{
    const char *digest = dlsym(library->handle, "qi_events_digest");

    if (!library->init || !fini) {
        error_setg(errp, "instrumentation library '%s' has no %s()",
                   library->path, library->init ? "qi_fini" : "qi_init");
    } else if (!digest) {
        error_setg(errp, "instrumentation library '%s' was not compiled with "
                   "the headers of a QEMU with dynamic trace instrumentation",
                   library->path);
    } else if (strcmp(digest, QI_EVENTS_DIGEST) != 0) {
        error_setg(errp, "instrumentation library '%s' was compiled for a QEMU "
                   "with other trace events: compile it with the headers of "
                   "this one", library->path);
    } else {
        return true;
    }
    return false;
}

/* The place of what dlopen() has returned, or a free one for NULL. */
static QILoaded *find_handle(void *handle)
{
    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        if (loaded[i].handle == handle) {
            return &loaded[i];
        }
    }
    return NULL;
}

bool qi_load(const char *path, int argc, const char **argv, Error **errp)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    QILoaded *library = find_handle(NULL);
    QIFini *fini;

    if (!handle) {
        error_setg(errp, "cannot load instrumentation library: %s", dlerror());
        return false;
    }
    if (find_handle(handle)) {
        error_setg(errp, "instrumentation library '%s' is already loaded",
                   path);
        dlclose(handle);
        return false;
    }
    if (!library) {
        error_setg(errp, "%d instrumentation libraries are already loaded",
                   QI_MAX_LIBRARIES);
        dlclose(handle);
        return false;
    }
    library->path = g_strdup(path);
    library->handle = handle;
    library->init = (QIInit *)dlsym(handle, "qi_init");
    fini = (QIFini *)dlsym(handle, "qi_fini");
    if (!check_library(library, fini, errp)) {
        dlclose(handle);
        empty(library);
        return false;
    }

    library->argv = g_new0(const char *, argc + 1);
    for (int i = 0; i < argc; i++) {
        library->argv[i] = g_strdup(argv[i]);
    }
    if (!qi_hooks_open(library->init, resolve, handle)) {
        abort(); /* there are as many places as here */
    }
    if (!call_init(library, fini, argc, errp)) {
        qi_hooks_close(library->init);
        close_library(library);
        return false;
    }
    return true;
}

/* Without a path, the only one. */
static QILoaded *find_path(const char *path, Error **errp)
{
    QILoaded *found = NULL;

    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        if (!loaded[i].handle
            || (path && strcmp(path, loaded[i].path) != 0)) {
            continue;
        }
        if (found) {
            error_setg(errp, "several instrumentation libraries are loaded: "
                       "name the file");
            return NULL;
        }
        found = &loaded[i];
    }
    if (!found && path) {
        error_setg(errp, "instrumentation library '%s' is not loaded", path);
    } else if (!found) {
        error_setg(errp, "no instrumentation library is loaded");
    }
    return found;
}

bool qi_unload(const char *path, Error **errp)
{
    QILoaded *library = find_path(path, errp);

    if (!library) {
        return false;
    }
    if (!call_fini(library)) {
        error_setg(errp, "no instrumentation library is loaded");
        return false;
    }
    close_library(library);
    return true;
}

void qi_start(void)
{
    Error *err = NULL;

    for (size_t i = 0; options && i < options->len; i++) {
        QIOption *option = &g_array_index(options, QIOption, i);

        if (!qi_load(option->file, option->args->len,
                     (const char **)option->args->pdata, &err)) {
            error_reportf_err(err, "-instr: ");
            exit(1);
        }
        g_free(option->file);
        g_ptr_array_unref(option->args);
    }
    g_clear_pointer(&options, g_array_unref);
}

#else /* !QI_TYPE_DYNAMIC */

bool qi_load(const char *path, int argc, const char **argv, Error **errp)
{
    error_setg(errp, "%s", UNAVAILABLE);
    return false;
}

bool qi_unload(const char *path, Error **errp)
{
    error_setg(errp, "%s", UNAVAILABLE);
    return false;
}

#ifdef QI_TYPE_STATIC
static void *resolve_nothing(void *handle, const char *symbol)
{
    return NULL;
}

void qi_start(void)
{
    Error *err = NULL;
    GPtrArray *args = options && options->len > 0
        ? g_array_index(options, QIOption, 0).args : g_ptr_array_new();
    int argc = args->len;

    g_ptr_array_add(args, NULL); /* they stay, for qi_init() keeps them */
    loaded[0].init = qi_init;
    loaded[0].argv = (const char **)args->pdata;
    qi_hooks_open(qi_init, resolve_nothing, NULL);
    if (!call_init(&loaded[0], qi_fini, argc, &err)) {
        error_report_err(err);
        exit(1);
    }
}
#endif

#endif /* !QI_TYPE_DYNAMIC */
