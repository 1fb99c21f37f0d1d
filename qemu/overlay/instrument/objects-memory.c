/*
 * Trace instrumentation: memory regions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#if __has_include("system/memory.h")
#include "system/memory.h" /* its place since 10.1 */
#else
#include "exec/memory.h"
#endif
#include "instrument/objects.h"

static const char *name(const void *region)
{
    return memory_region_name(region);
}

static uint64_t address(const void *region)
{
    uint64_t sum = 0;

    for (const MemoryRegion *mr = region; mr; mr = mr->container) {
        sum += mr->addr;
    }
    return sum;
}

static void __attribute__((constructor)) give_access(void)
{
    qi_object_access.memory_region_name = name;
    qi_object_access.memory_region_address = address;
}
