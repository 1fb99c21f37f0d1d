/*
 * The region of interest of a run, see region.h.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "region.h"

bool region_accepts(const char *mark)
{
    size_t len = strlen(mark);

    return len > 0 && len <= REGION_MARK_BYTES;
}

/*
 * For every length of the mark's beginning: the length of the longest shorter
 * beginning that it ends with (Knuth, Morris, Pratt). A hostile output cannot
 * make the search slow.
 */
static void find_borders(Region *region)
{
    const char *mark = region->marks[region->seen];
    size_t border = 0, len = strlen(mark);

    region->matched = 0;
    region->borders[0] = region->borders[1] = 0;
    for (size_t i = 1; i < len; i++) {
        while (border > 0 && mark[i] != mark[border]) {
            border = region->borders[border];
        }
        border += mark[i] == mark[border];
        region->borders[i + 1] = border;
    }
}

void region_begin(Region *region, const char *begin, const char *end, pid_t pid,
                  Counter *counter)
{
    memset(region, 0, sizeof(*region));
    region->marks[0] = begin;
    region->marks[1] = end;
    region->pid = pid;
    region->counter = counter;
    if (begin != NULL) {
        find_borders(region);
    }
}

void region_end(Region *region, uint64_t wall_ns, uint64_t cpu_ns)
{
    region->ended = true;
    region->last = (Moment){ .wall_ns = wall_ns, .cpu_ns = cpu_ns };
    region->last.counted =
        counter_peek(region->counter, &region->last.instructions);
}

static Moment this_moment(const Region *region)
{
    Moment moment = { .wall_ns = now_ns() };
    struct timespec used;
    clockid_t clock;

    if (region->ended) {
        return region->last;
    }
    if (clock_getcpuclockid(region->pid, &clock) == 0 &&
        clock_gettime(clock, &used) == 0) {
        moment.cpu_ns =
            (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    }
    moment.counted = counter_peek(region->counter, &moment.instructions);
    return moment;
}

void region_search(Region *region, const char *data, size_t len)
{
    if (region->marks[0] == NULL) {
        return;
    }
    for (size_t i = 0; i < len && region->seen < 2; i++) {
        const char *mark = region->marks[region->seen];

        while (region->matched > 0 && data[i] != mark[region->matched]) {
            region->matched = region->borders[region->matched];
        }
        region->matched += data[i] == mark[region->matched];
        if (mark[region->matched] != '\0') {
            continue;
        }
        region->moments[region->seen] = this_moment(region);
        region->seen++;
        if (region->seen < 2) {
            find_borders(region);
        }
    }
}

void region_print(const Region *region)
{
    const Moment *begin = &region->moments[0], *end = &region->moments[1];

    if (region->seen < 2) {
        return;
    }
    printf("\"region\":{\"wallNs\":\"%" PRIu64 "\",\"cpuNs\":\"%" PRIu64 "\",",
           end->wall_ns - begin->wall_ns,
           end->cpu_ns > begin->cpu_ns ? end->cpu_ns - begin->cpu_ns : 0);
    if (begin->counted && end->counted) {
        printf("\"hostInstructions\":\"%" PRIu64 "\"},",
               end->instructions - begin->instructions);
    } else {
        fputs("\"hostInstructions\":null},", stdout);
    }
}
