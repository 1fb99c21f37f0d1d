/*
 * Trace instrumentation: the API behind qemu-instr/objects.h, in all programs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/objects.h"
#include "qemu-instr/objects.h"

QIObjectAccess qi_object_access;

#define ACCESS(function, pointer, none) \
    (qi_object_access.function ? qi_object_access.function(pointer) : (none))

const char *qi_object_type(const void *object)
{
    return ACCESS(object_type, object, NULL);
}

char *qi_object_path(const void *object)
{
    return ACCESS(object_path, object, NULL);
}

int qi_cpu_index(const void *cpu)
{
    return ACCESS(cpu_index, cpu, -1);
}

const char *qi_memory_region_name(const void *region)
{
    return ACCESS(memory_region_name, region, NULL);
}

uint64_t qi_memory_region_address(const void *region)
{
    return ACCESS(memory_region_address, region, 0);
}

const char *qi_block_backend_name(const void *backend)
{
    return ACCESS(block_backend_name, backend, NULL);
}

int qi_virtqueue_index(const void *queue)
{
    return ACCESS(virtqueue_index, queue, -1);
}
