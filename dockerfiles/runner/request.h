/*
 * A request to run a program; the head of qibench-run.c has its format.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_REQUEST_H
#define QIBENCH_REQUEST_H

#include <stdint.h>

typedef struct Request {
    uint64_t timeout_ms, output_limit, stack_bytes, fifo_priority;
    int cpu;                /* -1: all */
    char *strings;          /* that argv and envp point into */
    char **argv, **envp, **marks, **before, **after;
    char *input;
    uint64_t input_bytes;
} Request;

/*
 * Parses the request of this line, which is changed, and reads its strings from
 * stdin. Returns its error, or NULL.
 */
const char *parse_request(char *line, Request *request);

#endif
