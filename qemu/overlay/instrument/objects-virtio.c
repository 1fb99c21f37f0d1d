/*
 * Trace instrumentation: queues of virtio devices.
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
