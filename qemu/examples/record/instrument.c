/*
 * record: every instrumented event to a file, see README.md.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include "record.h"

#define DEFAULT_FILE "/output/trace"

__thread RecordBuffer *record_buffer INITIAL_EXEC;

/* All threads' buffers. They outlive their threads: what is in them counts. */
static RecordBuffer *buffers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int fd = -1;
static bool ended;
static uint64_t bytes;

static void write_all(const void *data, size_t length)
{
    const uint8_t *at = data;

    bytes += length;
    while (length > 0) {
        ssize_t written = write(fd, at, length);

        if (written > 0) {
            at += written;
            length -= written;
        } else if (written < 0 && errno != EINTR) {
            perror("record: cannot write");
            abort();
        }
    }
}

static const char *file_name(int argc, const char **argv)
{
    const char *name = getenv("QI_RECORD_FILE");

    return argc > 0 ? argv[0] : name ? name : DEFAULT_FILE;
}

/* With the lock held. */
static void write_buffer(RecordBuffer *buffer)
{
    uint32_t used = __atomic_load_n(&buffer->used, __ATOMIC_ACQUIRE);

    if (!ended) {
        write_all(buffer->data, used);
    }
}

static void open_file(const char *name)
{
#define NAME_OF(name, NAME, params, args) #name,
    static const char *const names[] = { QI_FOREACH_EVENT(NAME_OF) };
    const uint64_t head[] = { UINT64_MAX, UINT64_C(0xf2b177cb0aa429b4), 4 };

    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return;
    }
    write_all(head, sizeof(head));
    for (size_t i = 0; i < RECORD_EVENTS; i++) {
        uint8_t mapping[16 + 4 + RECORD_TEXT_BYTES];
        uint8_t *at = record_number(record_number(mapping, 0), i);

        write_all(mapping, record_text(at, names[i]) - mapping);
    }
}

RecordBuffer *record_make_room(void)
{
    RecordBuffer *buffer = record_buffer;

    if (buffer == NULL) {
        buffer = malloc(sizeof(*buffer));
        if (buffer == NULL) {
            abort();
        }
        buffer->used = 0;
        buffer->records = 0;
        buffer->thread = syscall(SYS_gettid);
        pthread_mutex_lock(&lock);
        buffer->next = buffers;
        buffers = buffer;
        pthread_mutex_unlock(&lock);
        record_buffer = buffer;
        return buffer;
    }
    /* Static instrumentation can fill a buffer before qi_init(). */
    pthread_mutex_lock(&lock);
    if (fd < 0 && !ended) {
        open_file(file_name(0, NULL));
    }
    write_buffer(buffer);
    buffer->used = 0;
    pthread_mutex_unlock(&lock);
    return buffer;
}

#if defined(QI_TYPE_DYNAMIC)
#include "events-post.h"
#endif

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    pthread_mutex_lock(&lock);
    if (fd < 0) {
        open_file(file_name(argc, argv));
    }
    pthread_mutex_unlock(&lock);
    if (fd < 0) {
        qi_ctrl_fail_init("record: cannot write its file");
        return;
    }
    /* static instrumentation is in place already */
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    uint64_t records = 0;

    /* Threads that still run record on, in vain: this is the end of the run. */
    pthread_mutex_lock(&lock);
    for (RecordBuffer *buffer = buffers; buffer; buffer = buffer->next) {
        write_buffer(buffer);
        records += buffer->records;
    }
    ended = true;
    close(fd);
    pthread_mutex_unlock(&lock);
    fprintf(stderr, "QIBENCH record.records=%" PRIu64 " count\n", records);
    fprintf(stderr, "QIBENCH record.bytes=%" PRIu64 " B\n", bytes);
}
