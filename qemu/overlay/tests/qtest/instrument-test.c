/*
 * Trace instrumentation: QTest of the monitor commands
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "libqtest.h"
#include "instrument/qemu-instr/config.h"

static char *library;

static void expect_error(QTestState *qts, QDict *response, const char *class,
                         const char *text)
{
    QDict *error = qdict_get_qdict(response, "error");

    g_assert_nonnull(error);
    g_assert_cmpstr(qdict_get_str(error, "class"), ==, class);
    g_assert_nonnull(strstr(qdict_get_str(error, "desc"), text));
    qobject_unref(response);
}

#ifdef QI_TYPE_DYNAMIC

static void expect_success(QDict *response)
{
    g_assert_true(qdict_haskey(response, "return"));
    qobject_unref(response);
}

static QDict *load(QTestState *qts, const char *file)
{
    return qtest_qmp(qts, "{ 'execute': 'instr-load', 'arguments': {"
                     " 'file': %s } }", file);
}

static QDict *unload(QTestState *qts)
{
    return qtest_qmp(qts, "{ 'execute': 'instr-unload' }");
}

static void test_load(void)
{
    QTestState *qts = qtest_init("-machine none");

    expect_success(load(qts, library));
    expect_error(qts, load(qts, library), "GenericError", "already loaded");
    expect_success(qtest_qmp(qts, "{ 'execute': 'instr-unload', 'arguments': {"
                             " 'file': %s } }", library));
    expect_error(qts, unload(qts), "GenericError",
                 "no instrumentation library is loaded");
    expect_success(load(qts, library));
    expect_success(unload(qts));
    qtest_quit(qts);
}

static void test_refusals(void)
{
    QTestState *qts = qtest_init("-machine none");

    expect_error(qts, load(qts, "/nonexistent.so"), "GenericError",
                 "cannot load instrumentation library");
    expect_error(qts, qtest_qmp(qts, "{ 'execute': 'instr-unload', "
                                "'arguments': { 'file': '/nonexistent.so' } }"),
                 "GenericError", "'/nonexistent.so' is not loaded");
    expect_error(qts, unload(qts), "GenericError",
                 "no instrumentation library is loaded");
    /* the library refuses, and names what it was given */
    expect_error(qts, qtest_qmp(qts, "{ 'execute': 'instr-load', 'arguments': {"
                                " 'file': %s, 'args': [ 'two words', '' ] } }",
                                library),
                 "GenericError", "2 arguments: <two words><>");
    expect_error(qts, unload(qts), "GenericError",
                 "no instrumentation library is loaded");
    qtest_quit(qts);
}

static void test_hmp(void)
{
    QTestState *qts = qtest_init("-machine none");
    char *answer = qtest_hmp(qts, "instr-load %s 'two words' three", library);

    g_assert_nonnull(strstr(answer, "2 arguments: <two words><three>"));
    g_free(answer);
    answer = qtest_hmp(qts, "instr-load %s", library);
    g_assert_cmpstr(answer, ==, "");
    g_free(answer);
    answer = qtest_hmp(qts, "instr-unload");
    g_assert_cmpstr(answer, ==, "");
    g_free(answer);
    answer = qtest_hmp(qts, "instr-unload");
    g_assert_nonnull(strstr(answer, "no instrumentation library is loaded"));
    g_free(answer);
    qtest_quit(qts);
}

#else

static void test_absent(void)
{
    QTestState *qts = qtest_init("-machine none");

    expect_error(qts, qtest_qmp(qts, "{ 'execute': 'instr-load', 'arguments': {"
                                " 'file': %s } }", library),
                 "CommandNotFound", "instr-load");
    expect_error(qts, qtest_qmp(qts, "{ 'execute': 'instr-unload' }"),
                 "CommandNotFound", "instr-unload");
    qtest_quit(qts);
}

#endif

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    library = g_test_build_filename(G_TEST_BUILT, "instrument-test-library.so",
                                    NULL);
#ifdef QI_TYPE_DYNAMIC
    qtest_add_func("/instrument/load", test_load);
    qtest_add_func("/instrument/refusals", test_refusals);
    qtest_add_func("/instrument/hmp", test_hmp);
#else
    qtest_add_func("/instrument/absent", test_absent);
#endif
    result = g_test_run();
    g_free(library);
    return result;
}
