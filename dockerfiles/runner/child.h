/*
 * The process that becomes a requested program.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_CHILD_H
#define QIBENCH_CHILD_H

#include <stdbool.h>
#include <sys/types.h>
#include "request.h"
#include "result.h"

#define PIPE_BYTES  (1 << 20)       /* the most that needs no privilege */

/* A child process with the runner's ends of its pipes. */
typedef struct Child {
    pid_t pid;              /* -1: it could not be made */
    int output_fd, go_fd, report_fd;
} Child;

/*
 * Makes the child of a request, which waits to be let go. Without one, errno
 * has the reason.
 */
Child child_start(const Request *request);

/* Lets the child execute its program. */
void child_go(const Child *child);

/*
 * Whether the child told of a failure, which becomes the result's error; it has
 * closed its end when it has become the program.
 */
bool child_failed(const Child *child, Result *r);

void child_close(const Child *child);

#endif
