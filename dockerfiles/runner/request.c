/*
 * Parses requests (request.h).
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "region.h"
#include "request.h"

#define MAX_TIMEOUT (UINT64_C(24) * 3600 * 1000)    /* fits poll's int */
#define MAX_OUTPUT  (UINT64_C(1) << 30)
#define MAX_STACK   (UINT64_C(1) << 40)
#define MAX_STRINGS (UINT64_C(1) << 20)         /* arguments, environment */
#define MAX_INPUT   (UINT64_C(1) << 16)         /* stdin of the program */

/*
 * The next word of a line as a whole number of at most max; false if it is not
 * one.
 */
static bool parse_number(char **line, uint64_t max, uint64_t *value)
{
    char *text = strsep(line, "\n ");

    *value = 0;
    if (text == NULL || *text == '\0') {
        return false;
    }
    for (; *text >= '0' && *text <= '9' && *value <= max; text++) {
        *value = *value * 10 + (uint64_t)(*text - '0');
    }
    return *text == '\0' && *value <= max;
}

/*
 * Points into the strings, one after the other, with two NULLs behind them;
 * NULL where they are too few.
 */
static char **split(char **strings, const char *end, uint64_t count)
{
    char **vector = calloc(count + 2, sizeof(*vector));

    for (uint64_t i = 0; i < count && vector != NULL; i++) {
        char *nul = memchr(*strings, '\0', (size_t)(end - *strings));

        if (nul == NULL) {
            return NULL;
        }
        vector[i] = *strings;
        *strings = nul + 1;
    }
    return vector;
}

const char *parse_request(char *line, Request *request)
{
    uint64_t cpu, argc, envc, marks, before, after, bytes;
    char *word = strsep(&line, " "), *rest, *end;

    request->cpu = -1;
    if (strcmp(word, "run") != 0 ||
        !parse_number(&line, MAX_TIMEOUT, &request->timeout_ms) ||
        !parse_number(&line, MAX_OUTPUT, &request->output_limit) ||
        request->timeout_ms == 0 || request->output_limit < 2 || line == NULL) {
        return "not a request";
    }
    if (strncmp(line, "- ", 2) == 0) {
        line += 2;
    } else if (parse_number(&line, CPU_SETSIZE - 1, &cpu)) {
        request->cpu = (int)cpu;
    } else {
        return "not a CPU";
    }
    if (!parse_number(&line, MAX_STACK, &request->stack_bytes) ||
        !parse_number(&line, 99, &request->fifo_priority) ||
        !parse_number(&line, MAX_STRINGS, &argc) ||
        !parse_number(&line, MAX_STRINGS, &envc) ||
        !parse_number(&line, 2, &marks) || marks == 1 ||
        !parse_number(&line, MAX_STRINGS, &before) ||
        !parse_number(&line, MAX_STRINGS, &after) ||
        !parse_number(&line, MAX_STRINGS, &bytes) ||
        !parse_number(&line, MAX_INPUT, &request->input_bytes) || argc == 0) {
        return "not a request";
    }
    request->strings = malloc(bytes + 1);
    request->input = malloc(request->input_bytes + 1);
    if (request->strings == NULL || request->input == NULL ||
        fread(request->strings, 1, bytes, stdin) != bytes ||
        fread(request->input, 1, request->input_bytes, stdin) !=
            request->input_bytes) {
        return "a request without its strings";
    }
    rest = request->strings;
    end = request->strings + bytes;
    request->argv = split(&rest, end, argc);
    request->envp = split(&rest, end, envc);
    /* Two entries at least, NULL without marks. */
    request->marks = split(&rest, end, marks);
    request->before = split(&rest, end, before);
    request->after = split(&rest, end, after);
    if (request->argv == NULL || request->envp == NULL ||
        request->marks == NULL || request->before == NULL ||
        request->after == NULL || rest != end) {
        return "other strings than said";
    }
    for (uint64_t i = 0; i < marks; i++) {
        if (!region_accepts(request->marks[i])) {
            return "not a mark";
        }
    }
    return NULL;
}
