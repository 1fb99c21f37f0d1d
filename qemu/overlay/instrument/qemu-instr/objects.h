/*
 * Interface to QEMU's objects: what the pointers are that events carry.
 *
 * To be called in the event's callback, where the object exists, with the
 * pointer that is of the named type in QEMU's source: it cannot be checked.
 * Names stay valid as long as the object does. A program that does not have
 * objects of a type (user mode has no memory regions) returns what stands for
 * "none".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_OBJECTS_H
#define QEMU_INSTR_OBJECTS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * qi_object_type:
 * @object: An Object, which devices, CPUs and memory regions are.
 *
 * Returns: The name of its type, or NULL.
 */
const char *qi_object_type(const void *object);

/**
 * qi_object_path:
 * @object: An Object.
 *
 * Other threads must not change the tree of objects meanwhile, which the big
 * lock of QEMU ensures: threads of CPUs have it in events of most devices.
 *
 * Returns: Its path in the tree of objects, to be freed with free(). NULL if it
 *          is not in the tree.
 */
char *qi_object_path(const void *object);

/**
 * qi_cpu_index:
 * @cpu: A CPUState.
 *
 * Returns: The index of the CPU, or -1.
 */
int qi_cpu_index(const void *cpu);

/**
 * qi_memory_region_name:
 * @region: A MemoryRegion.
 *
 * Returns: Its name, or NULL.
 */
const char *qi_memory_region_name(const void *region);

/**
 * qi_memory_region_address:
 * @region: A MemoryRegion.
 *
 * Returns: Where it begins in its address space (of memory or of ports),
 *          without regard to aliases; or 0.
 */
uint64_t qi_memory_region_address(const void *region);

/**
 * qi_block_backend_name:
 * @backend: A BlockBackend.
 *
 * Returns: Its name, which is empty for most that belong to a device; or NULL.
 */
const char *qi_block_backend_name(const void *backend);

/**
 * qi_virtqueue_index:
 * @queue: A VirtQueue.
 *
 * Returns: The index of the queue in its device, or -1.
 */
int qi_virtqueue_index(const void *queue);

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_OBJECTS_H */
