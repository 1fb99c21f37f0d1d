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
#define RECORD_TEXT_BYTES 512 /* as QEMU's backend */
#define RECORD_HEADER_BYTES 32
/* the longest record: ten arguments, all of them long texts */
#define RECORD_MAX_BYTES (RECORD_HEADER_BYTES + 10 * (4 + RECORD_TEXT_BYTES))

#define RECORD_INDEX(name, NAME, params, args) RECORD_INDEX_##NAME,
enum { QI_FOREACH_EVENT(RECORD_INDEX) RECORD_EVENTS };

typedef struct RecordBuffer {
    /* bytes of complete records; read by the thread that ends the recording */
    uint32_t used;
    uint64_t records;
    struct RecordBuffer *next;
    uint32_t thread;
    uint8_t data[RECORD_BUFFER_BYTES];
} RecordBuffer;

/* in a library too, no call per access */
#define INITIAL_EXEC __attribute__((tls_model("initial-exec")))

/* NULL until the thread has recorded something */
extern __thread RecordBuffer *record_buffer INITIAL_EXEC;

/* A buffer with room for one more record. */
RecordBuffer *record_make_room(void);

static inline uint8_t *record_word(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static inline uint8_t *record_number(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static inline uint8_t *record_text(uint8_t *at, const char *text)
{
    size_t length = text ? strnlen(text, RECORD_TEXT_BYTES) : 0;

    memcpy(record_word(at, length), text ? text : "", length);
    return at + 4 + length;
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

/*
 * A record is u64 1, u64 event, u64 ns, u32 length behind the 1, u32 thread,
 * arguments: the format of trace/simple.c. Returns where the arguments go.
 */
static inline uint8_t *record_begin(RecordBuffer *buffer, uint32_t index)
{
    uint8_t *at = buffer->data + buffer->used;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    at = record_number(at, 1);
    at = record_number(at, index);
    at = record_number(at, now.tv_sec * UINT64_C(1000000000) + now.tv_nsec);
    return record_word(at + 4, buffer->thread);
}

static inline void record_end(RecordBuffer *buffer, const uint8_t *end)
{
    uint8_t *begin = buffer->data + buffer->used;
    uint32_t bytes = end - begin;

    record_word(begin + 24, bytes - 8);
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
