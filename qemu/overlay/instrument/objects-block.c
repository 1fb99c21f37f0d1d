/*
 * Trace instrumentation: block backends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#if __has_include("system/block-backend.h")
#include "system/block-backend.h" /* its place since 10.0 */
#else
#include "sysemu/block-backend.h"
#endif
#include "instrument/objects.h"

static const char *name(const void *backend)
{
    return blk_name(backend);
}

static void __attribute__((constructor)) give_access(void)
{
    qi_object_access.block_backend_name = name;
}
