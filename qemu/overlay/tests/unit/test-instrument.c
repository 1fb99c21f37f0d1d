/*
 * Trace instrumentation: unit test of loading, callbacks and unloading, meant
 * to be built with sanitizers. Every library is a real one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <dlfcn.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "instrument/hooks.h"
#include "instrument/loader.h"
#include "qemu-instr/control.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/module.h"
#include "qemu/thread.h"
#include "trace/trace-util.h"
#include "test-instrument.h"

#define FIRING_THREADS 4
#define ROUNDS 1000

static char *library;
static bool registered_early;

/* Runs after the constructor of callback.c, before QEMU's start threads. */
static void __attribute__((constructor(102))) before_threads(void)
{
    /* fails unless the process is registered */
    registered_early =
        syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0) == 0;
}

static void load(const char *what)
{
    /* not a constant string: the loader must have its own copy */
    g_autofree char *arg = g_strdup(what);
    const char *argv[] = { arg };

    qi_load(library, 1, argv, &error_abort);
}

static void expect_refusal(const char *path, const char *what,
                           const char *message)
{
    const char *argv[] = { what };
    Error *err = NULL;

    g_assert_false(qi_load(path, 1, argv, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), message));
    error_free(err);
}

static void expect_nothing_loaded(void)
{
    Error *err = NULL;

    g_assert_false(qi_unload(NULL, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "no instrumentation library is loaded");
    error_free(err);
    g_assert_null(dlopen(library, RTLD_NOW | RTLD_NOLOAD));
}

static void test_load(void)
{
    size_t *ram, sum = 0;

    expect_nothing_loaded();
    trace_qemu_anon_ram_alloc(1, &sum);
    load("count");
    trace_qemu_anon_ram_alloc(2, &sum);
    /* an event fired by QEMU's own code */
    ram = qemu_anon_ram_alloc(4096, NULL, false, false);
    g_assert_cmpuint(*ram, ==, 4096);
    qemu_anon_ram_free(ram, 4096);
    expect_refusal(library, "count", "already loaded");
    fire_out_of_line(4, &sum);
    qi_unload(NULL, &error_abort);
    trace_qemu_anon_ram_alloc(8, &sum);
    fire_out_of_line(16, &sum);
    g_assert_cmpuint(sum, ==, 6);
    expect_nothing_loaded();
}

static void test_guards(void)
{
    TraceEvent *alloc = trace_event_name("qemu_anon_ram_alloc");

    g_assert_false(trace_event_get_state(TRACE_QEMU_ANON_RAM_ALLOC));
    load("count");
    g_assert_true(trace_event_get_state(TRACE_QEMU_ANON_RAM_ALLOC));
    g_assert_true(trace_event_get_state_backends(TRACE_QEMU_ANON_RAM_ALLOC));
    g_assert_false(trace_event_get_state(TRACE_QEMU_VFREE));
    qi_unload(NULL, &error_abort);
    g_assert_false(trace_event_get_state(TRACE_QEMU_ANON_RAM_ALLOC));
    trace_event_set_state_dynamic(alloc, true);
    g_assert_true(trace_event_get_state(TRACE_QEMU_ANON_RAM_ALLOC));
    trace_event_set_state_dynamic(alloc, false);
}

static void test_refusal(void)
{
    g_autofree char *incomplete =
        g_test_build_filename(G_TEST_BUILT, "instrument-incomplete.so", NULL);
    g_autofree char *other =
        g_test_build_filename(G_TEST_BUILT, "instrument-other.so", NULL);
    size_t sum = 0;

    expect_refusal("/nonexistent.so", NULL, "cannot load");
    expect_refusal(incomplete, NULL, "has no qi_init()");
    expect_refusal(other, NULL, "with other trace events");
    expect_refusal(library, "refuse", "not today");
    trace_qemu_anon_ram_alloc(1, &sum);
    g_assert_cmpuint(sum, ==, 0);
    expect_nothing_loaded();
}

static void test_callback_disables_itself(void)
{
    size_t sum = 0;

    load("once");
    trace_qemu_anon_ram_alloc(1, &sum);
    trace_qemu_anon_ram_alloc(1, &sum);
    g_assert_cmpuint(sum, ==, 1);
    qi_unload(NULL, &error_abort);
}

/* How much one event counts, by all libraries. */
static size_t fire_once(void)
{
    size_t sum = 0;

    trace_qemu_anon_ram_alloc(1, &sum);
    fire_out_of_line(1, &sum);
    return sum / 2;
}

/* A library is known by its file: these are copies of one. */
static void test_several_libraries(void)
{
    char *paths[QI_MAX_LIBRARIES + 1];
    const char *argv[] = { "count" };
    g_autofree char *content = NULL;
    Error *err = NULL;
    gsize size;

    g_assert_true(g_file_get_contents(library, &content, &size, NULL));
    for (size_t i = 0; i <= QI_MAX_LIBRARIES; i++) {
        paths[i] = g_strdup_printf("%s.%zu", library, i);
        g_assert_true(g_file_set_contents(paths[i], content, size, NULL));
    }
    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        g_assert_cmpuint(fire_once(), ==, i);
        qi_load(paths[i], 1, argv, &error_abort);
    }
    expect_refusal(paths[0], "count", "is already loaded");
    expect_refusal(paths[QI_MAX_LIBRARIES], "count", "are already loaded");
    g_assert_false(qi_unload(NULL, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "name the file"));
    error_free(err);
    err = NULL;
    g_assert_false(qi_unload(library, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "is not loaded"));
    error_free(err);
    /* the first and the last, so that places between stay taken */
    qi_unload(paths[QI_MAX_LIBRARIES - 1], &error_abort);
    qi_unload(paths[0], &error_abort);
    g_assert_cmpuint(fire_once(), ==, QI_MAX_LIBRARIES - 2);
    expect_refusal(paths[0], "refuse", "not today");
    g_assert_cmpuint(fire_once(), ==, QI_MAX_LIBRARIES - 2);
    for (size_t i = 1; i < QI_MAX_LIBRARIES - 1; i++) {
        qi_unload(paths[i], &error_abort);
    }
    g_assert_cmpuint(fire_once(), ==, 0);
    expect_nothing_loaded();
    for (size_t i = 0; i <= QI_MAX_LIBRARIES; i++) {
        unlink(paths[i]);
        g_free(paths[i]);
    }
}

static void fire_about_change(TraceEvent *event)
{
    trace_qemu_vfree(NULL);
}

/* What QEMU does about a change fires events, which change callbacks. */
static void test_change_within_change(void)
{
    qi_hooks_on_change(fire_about_change);
    load("wait");
    qi_unload(NULL, &error_abort);
    qi_hooks_on_change(NULL);
    expect_nothing_loaded();
}

static int handled;

static void fire_in_handler(int signal)
{
    trace_qemu_vfree(NULL);
    handled++;
}

/* User mode has events in signal handlers. */
static void test_change_in_signal_handler(void)
{
    struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0 } };
    struct sigaction action = { .sa_handler = fire_in_handler };
    QIEvent *event = qi_ctrl_event_id(QI_EVENT_QEMU_VFREE);
    void *handle;
    QIInit *init;

    load("wait");
    handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
    init = (QIInit *)dlsym(handle, "qi_init");
    dlclose(handle);
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &often, NULL);
    while (qatomic_read(&handled) < 50) {
        qi_ctrl_event_set_by(init, event, QI_CTRL_INSTR_AUTO);
    }
    setitimer(ITIMER_PROF, &never, NULL);
    qi_unload(NULL, &error_abort);
    expect_nothing_loaded();
}

static void *meet(void *opaque)
{
    Meeting *meeting = opaque;

    trace_qemu_vfree(meeting);
    /* a thread that ends would be seen to have left by a lock that it takes */
    while (!__atomic_load_n(&meeting->over, __ATOMIC_ACQUIRE)) {
        g_usleep(1000);
    }
    return NULL;
}

static void *release_later(void *opaque)
{
    Meeting *meeting = opaque;

    g_usleep(100 * 1000);
    __atomic_store_n(&meeting->release, true, __ATOMIC_RELEASE);
    return NULL;
}

static void wait_until_entered(Meeting *meeting)
{
    while (!__atomic_load_n(&meeting->entered, __ATOMIC_ACQUIRE)) {
        g_usleep(1000);
    }
}

static void test_unload_waits_for_callback(void)
{
    Meeting meeting = { 0 };
    QemuThread inside, release;

    load("wait");
    qemu_thread_create(&inside, "inside", meet, &meeting,
                       QEMU_THREAD_JOINABLE);
    wait_until_entered(&meeting);
    qemu_thread_create(&release, "release", release_later, &meeting,
                       QEMU_THREAD_JOINABLE);
    qi_unload(NULL, &error_abort);
    g_assert_cmpuint(meeting.left, ==, 1);
    __atomic_store_n(&meeting.over, true, __ATOMIC_RELEASE);
    qemu_thread_join(&inside);
    qemu_thread_join(&release);
    expect_nothing_loaded();
}

static bool forking;

/* As a handler of QEMU does, which locks mutexes. */
static void fire_at_fork(void)
{
    if (forking) {
        trace_qemu_vfree(NULL);
    }
}

/* After the runtime's constructors, before those without a priority. */
static void __attribute__((constructor(200))) add_fork_handler(void)
{
    g_assert_cmpint(pthread_atfork(fire_at_fork, NULL, NULL), ==, 0);
}

/* The child of a fork() has no thread that is inside. */
static void test_unload_after_fork(void)
{
    Meeting meeting = { 0 };
    pthread_attr_t small;
    pthread_t inside;
    int status;
    pid_t child;

    load("wait");
    /* QEMU's RCU starts a thread in the child, which must not fit in there */
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    g_assert_cmpint(pthread_create(&inside, &small, meet, &meeting), ==, 0);
    wait_until_entered(&meeting);
    forking = true;
    child = fork();
    forking = false;
    if (child == 0) {
        qi_unload(NULL, &error_abort);
        expect_nothing_loaded();
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    __atomic_store_n(&meeting.release, true, __ATOMIC_RELEASE);
    __atomic_store_n(&meeting.over, true, __ATOMIC_RELEASE);
    pthread_join(inside, NULL);
    qi_unload(NULL, &error_abort);
    expect_nothing_loaded();
}

/* Last of all: the library stays mapped, and with it what it points to. */
static void test_callback_does_not_return(void)
{
    Meeting meeting = { 0 };
    QemuThread inside;

    load("wait");
    qemu_thread_create(&inside, "inside", meet, &meeting,
                       QEMU_THREAD_JOINABLE);
    wait_until_entered(&meeting);
    qi_unload(NULL, &error_abort);
    g_assert_cmpuint(meeting.left, ==, 0);
    __atomic_store_n(&meeting.release, true, __ATOMIC_RELEASE);
    __atomic_store_n(&meeting.over, true, __ATOMIC_RELEASE);
    qemu_thread_join(&inside);
    g_assert_cmpuint(meeting.left, ==, 1);
}

typedef struct Load {
    size_t sum;
    bool stop;
    pthread_key_t key;
} Load;

static void *fire(void *opaque)
{
    Load *work = opaque;

    while (!__atomic_load_n(&work->stop, __ATOMIC_RELAXED)) {
        trace_qemu_anon_ram_alloc(1, &work->sum);
        fire_out_of_line(1, &work->sum);
    }
    return NULL;
}

static void fire_late(void *opaque)
{
    Load *work = opaque;

    trace_qemu_anon_ram_alloc(1, &work->sum);
}

static void *fire_briefly(void *opaque)
{
    Load *work = opaque;

    /* once more when the runtime may have forgotten the thread */
    pthread_setspecific(work->key, work);
    for (int i = 0; i < 100; i++) {
        trace_qemu_anon_ram_alloc(1, &work->sum);
    }
    return NULL;
}

static void *fire_from_short_lived_threads(void *opaque)
{
    Load *work = opaque;

    while (!__atomic_load_n(&work->stop, __ATOMIC_RELAXED)) {
        QemuThread thread;

        qemu_thread_create(&thread, "brief", fire_briefly, work,
                           QEMU_THREAD_JOINABLE);
        qemu_thread_join(&thread);
    }
    return NULL;
}

static void test_unload_under_load(void)
{
    QemuThread threads[FIRING_THREADS], short_lived;
    Load work = { 0 };
    unsigned called = 0;

    g_assert_cmpint(pthread_key_create(&work.key, fire_late), ==, 0);
    for (int i = 0; i < FIRING_THREADS; i++) {
        qemu_thread_create(&threads[i], "fire", fire, &work,
                           QEMU_THREAD_JOINABLE);
    }
    qemu_thread_create(&short_lived, "short-lived",
                       fire_from_short_lived_threads, &work,
                       QEMU_THREAD_JOINABLE);
    for (int round = 0; round < ROUNDS; round++) {
        size_t before = __atomic_load_n(&work.sum, __ATOMIC_RELAXED);

        if (round % 10 == 0) {
            expect_refusal(library, "refuse", "not today");
        } else {
            load(round % 10 == 1 ? "threads" : "count");
            g_usleep(100);
            qi_unload(NULL, &error_abort);
        }
        if (__atomic_load_n(&work.sum, __ATOMIC_RELAXED) != before) {
            called++;
        }
        expect_nothing_loaded();
        before = __atomic_load_n(&work.sum, __ATOMIC_RELAXED);
        g_usleep(100);
        g_assert_cmpuint(__atomic_load_n(&work.sum, __ATOMIC_RELAXED), ==,
                         before);
    }
    g_assert_cmpuint(called, >, ROUNDS / 2);

    __atomic_store_n(&work.stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < FIRING_THREADS; i++) {
        qemu_thread_join(&threads[i]);
    }
    qemu_thread_join(&short_lived);
    pthread_key_delete(work.key);
}

static void test_registers_before_threads(void)
{
    g_assert_true(registered_early);
}

static bool is_selected(QIEventID id)
{
    return qi_ctrl_event_is_available(qi_ctrl_event_id(id));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* a deadlock is a failure, too */
    alarm(600);
    module_call_init(MODULE_INIT_TRACE);
    if (!is_selected(QI_EVENT_QEMU_ANON_RAM_ALLOC)
        || !is_selected(QI_EVENT_QEMU_VFREE)) {
        g_print("1..0 # SKIP needs 'instrument' for qemu_anon_ram_alloc and "
                "qemu_vfree\n");
        return 0;
    }
    library = g_test_build_filename(G_TEST_BUILT, "instrument-library.so",
                                    NULL);
    g_test_add_func("/instrument/load", test_load);
    g_test_add_func("/instrument/guards", test_guards);
    g_test_add_func("/instrument/refusal", test_refusal);
    g_test_add_func("/instrument/several-libraries", test_several_libraries);
    g_test_add_func("/instrument/callback-disables-itself",
                    test_callback_disables_itself);
    g_test_add_func("/instrument/unload-waits-for-callback",
                    test_unload_waits_for_callback);
    g_test_add_func("/instrument/change-within-change",
                    test_change_within_change);
    g_test_add_func("/instrument/change-in-signal-handler",
                    test_change_in_signal_handler);
    g_test_add_func("/instrument/unload-after-fork", test_unload_after_fork);
    g_test_add_func("/instrument/unload-under-load", test_unload_under_load);
    g_test_add_func("/instrument/callback-does-not-return",
                    test_callback_does_not_return);
    g_test_add_func("/instrument/registers-before-threads",
                    test_registers_before_threads);
    return g_test_run();
}
