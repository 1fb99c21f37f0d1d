/*
 * Trace instrumentation: objects that only some programs have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_OBJECTS_H
#define INSTRUMENT_OBJECTS_H

/**
 * QIObjectAccess:
 *
 * What is behind qemu-instr/objects.h, set by constructors of the sources that
 * only programs with such objects have. NULL elsewhere.
 */
typedef struct QIObjectAccess {
    const char *(*object_type)(const void *object);
    char *(*object_path)(const void *object);
    int (*cpu_index)(const void *cpu);
    const char *(*memory_region_name)(const void *region);
    uint64_t (*memory_region_address)(const void *region);
    const char *(*block_backend_name)(const void *backend);
    int (*virtqueue_index)(const void *queue);
} QIObjectAccess;

extern QIObjectAccess qi_object_access;

#endif /* INSTRUMENT_OBJECTS_H */
