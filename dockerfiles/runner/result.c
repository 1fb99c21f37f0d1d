/*
 * Fills in and prints results (result.h).
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "result.h"

void result_fail(Result *r, const char *what, int error)
{
    snprintf(r->error, sizeof(r->error), "%s%s%s", what, error == 0 ? "" : ": ",
             error == 0 ? "" : strerror(error));
}

bool result_print(const Result *r, const Output *out)
{
    const struct rusage *u = &r->usage;
    const char *quote = r->error[0] == '\0' ? "" : "\"";
    const char *skip = r->counted ? "" : "\"";
    const char *left = r->left_behind[0] == '\0' ? "" : "\"";
    char exit_status[12] = "null", signum[12] = "null";
    char instructions[24] = "null";
    Piece pieces[4];
    int count = output_pieces(out, pieces);
    uint64_t forwarded = 0;

    if (r->ran && WIFEXITED(r->status)) {
        snprintf(exit_status, sizeof(exit_status), "%d",
                 WEXITSTATUS(r->status));
    } else if (r->ran) {
        snprintf(signum, sizeof(signum), "%d", WTERMSIG(r->status));
    }
    if (r->counted) {
        snprintf(instructions, sizeof(instructions), "\"%" PRIu64 "\"",
                 r->instructions);
    }
    for (int i = 0; i < count; i++) {
        forwarded += pieces[i].len;
    }
    printf("{\"schema\":\"qibench.run/3\","
           "\"wallNs\":\"%" PRIu64 "\",\"userNs\":\"%" PRIu64 "\","
           "\"systemNs\":\"%" PRIu64 "\",\"maxRssBytes\":\"%" PRIu64 "\","
           "\"minorFaults\":%ld,\"majorFaults\":%ld,"
           "\"voluntarySwitches\":%ld,\"involuntarySwitches\":%ld,",
           r->wall_ns, tv_ns(u->ru_utime), tv_ns(u->ru_stime),
           (uint64_t)u->ru_maxrss * 1024u, u->ru_minflt, u->ru_majflt,
           u->ru_nvcsw, u->ru_nivcsw);
    printf("\"exitStatus\":%s,\"signal\":%s,\"timedOut\":%s,\"outOfMemory\":%s,"
           "\"outputBytes\":%" PRIu64 ",\"forwardedBytes\":%" PRIu64 ","
           "\"outputTruncated\":%s,\"error\":%s%s%s,\"leftBehind\":%s%s%s,",
           exit_status, signum, r->timed_out ? "true" : "false",
           r->oom_kills < 0 ? "null" : r->oom_kills > 0 ? "true" : "false",
           out->total, forwarded, out->total > 2 * out->half ? "true" : "false",
           quote, r->error[0] == '\0' ? "null" : r->error, quote, left,
           r->left_behind[0] == '\0' ? "null" : r->left_behind, left);
    region_print(&out->region);
    printf("\"hostInstructions\":%s,\"instructionsSkipped\":%s%s%s,",
           instructions, skip, r->counted ? "null" : r->counter.skipped, skip);
    host_state_print("before", &r->before, &r->cpus);
    putchar(',');
    host_state_print("after", &r->after, &r->cpus);
    fputs("}\n", stdout);
    for (int i = 0; i < count; i++) {
        fwrite(pieces[i].data, 1, pieces[i].len, stdout);
    }
    return fflush(stdout) == 0;
}
