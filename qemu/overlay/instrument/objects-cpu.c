/*
 * Trace instrumentation: objects that every emulator has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/core/cpu.h"
#include "qom/object.h"
#include "instrument/objects.h"

static const char *object_type(const void *object)
{
    return object_get_typename(object);
}

static char *object_path(const void *object)
{
    return object_get_canonical_path(object);
}

static int cpu_index(const void *cpu)
{
    return ((const CPUState *)cpu)->cpu_index;
}

static void __attribute__((constructor)) give_access(void)
{
    qi_object_access.object_type = object_type;
    qi_object_access.object_path = object_path;
    qi_object_access.cpu_index = cpu_index;
}
