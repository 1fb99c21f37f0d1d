/*
 * Recording of an event: what is inlined.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>
#include <string.h>
#include <time.h>
#include <qemu-instr/events.h>

#define RECORD_BUFFER_BYTES (256 * 1024)
#define RECORD_TEXT_BYTES 4095
/* the longest record: ten arguments, all of them long texts */
#define RECORD_MAX_BYTES (16 + 10 * (8 + RECORD_TEXT_BYTES + 1))

#define RECORD_INDEX(name, NAME, params, args) RECORD_INDEX_##NAME,
enum { QI_FOREACH_EVENT(RECORD_INDEX) RECORD_EVENTS };

typedef struct RecordBuffer {
    /* bytes of complete records; read by the thread that ends the recording */
    uint32_t used;
    uint64_t records;
    struct RecordBuffer *next;
    uint64_t thread;
    uint8_t data[RECORD_BUFFER_BYTES];
} RecordBuffer;

/* NULL until the thread has recorded something */
extern __thread RecordBuffer *record_buffer;

/* A buffer with room for one more record. */
RecordBuffer *record_make_room(void);

static inline uint8_t *record_number(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static inline uint8_t *record_text(uint8_t *at, const char *text)
{
    size_t length = text ? strnlen(text, RECORD_TEXT_BYTES) : 0;
    size_t padded = (length + 7) & ~(size_t)7;

    at = record_number(at, length);
    if (length > 0) {
        memset(at + padded - 8, 0, 8);
        memcpy(at, text, length);
    }
    return at + padded;
}

#define RECORD_IS_TEXT(x) \
    _Generic((x), char *: 1, const char *: 1, default: 0)

#define RECORD_ARGUMENT(x) \
    at = RECORD_IS_TEXT(x) ? record_text(at, (const char *)(uintptr_t)(x)) \
                           : record_number(at, (uint64_t)(uintptr_t)(x));

/* RECORD_EACH(M, a, b, c) is M(a) M(b) M(c), for up to ten arguments */
#define RECORD_EACH(M, ...) \
    RECORD_PICK(_, ##__VA_ARGS__, RECORD_10, RECORD_9, RECORD_8, RECORD_7, \
                RECORD_6, RECORD_5, RECORD_4, RECORD_3, RECORD_2, RECORD_1, \
                RECORD_0)(M, ##__VA_ARGS__)
#define RECORD_PICK(_, a, b, c, d, e, f, g, h, i, j, NAME, ...) NAME
#define RECORD_0(M)
#define RECORD_1(M, a) M(a)
#define RECORD_2(M, a, ...) M(a) RECORD_1(M, __VA_ARGS__)
#define RECORD_3(M, a, ...) M(a) RECORD_2(M, __VA_ARGS__)
#define RECORD_4(M, a, ...) M(a) RECORD_3(M, __VA_ARGS__)
#define RECORD_5(M, a, ...) M(a) RECORD_4(M, __VA_ARGS__)
#define RECORD_6(M, a, ...) M(a) RECORD_5(M, __VA_ARGS__)
#define RECORD_7(M, a, ...) M(a) RECORD_6(M, __VA_ARGS__)
#define RECORD_8(M, a, ...) M(a) RECORD_7(M, __VA_ARGS__)
#define RECORD_9(M, a, ...) M(a) RECORD_8(M, __VA_ARGS__)
#define RECORD_10(M, a, ...) M(a) RECORD_9(M, __VA_ARGS__)

#define RECORD_ARGUMENTS(...) RECORD_EACH(RECORD_ARGUMENT, ##__VA_ARGS__)

static inline uint8_t *record_begin(RecordBuffer *buffer, uint32_t index)
{
    uint8_t *at = buffer->data + buffer->used;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    memcpy(at, &index, sizeof(index));
    return record_number(at + 8, now.tv_sec * UINT64_C(1000000000)
                                 + now.tv_nsec);
}

static inline void record_end(RecordBuffer *buffer, const uint8_t *end)
{
    uint8_t *begin = buffer->data + buffer->used;
    uint32_t bytes = end - begin;

    memcpy(begin + 4, &bytes, sizeof(bytes));
    buffer->records++;
    __atomic_store_n(&buffer->used, buffer->used + bytes, __ATOMIC_RELEASE);
}

static inline RecordBuffer *record_room(void)
{
    RecordBuffer *buffer = record_buffer;

    if (__builtin_expect(buffer == NULL || buffer->used
                         > RECORD_BUFFER_BYTES - RECORD_MAX_BYTES, 0)) {
        buffer = record_make_room();
    }
    return buffer;
}

#endif /* RECORD_H */
