/*
 * Trace instrumentation: queues of virtio devices.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/virtio/virtio.h"
#include "instrument/objects.h"

static int index_of(const void *queue)
{
    return virtio_get_queue_index((VirtQueue *)queue);
}

static void __attribute__((constructor)) give_access(void)
{
    qi_object_access.virtqueue_index = index_of;
}
