/*
 * The loops over the records of a trace, compiled to WebAssembly: parses
 * records of QEMU's simple backend into columns, sorts them by event, counts
 * them, and packs the columns.
 *
 * The module imports nothing, and its memory grows only before its first use,
 * so views of it in TypeScript stay valid (records.ts). Formats: ../simple-format.ts, ../chunk.ts
 * and ../column.ts. Input is hostile: an entry that is not a complete, valid
 * record of a known event is left to the caller.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT __attribute__((visibility("default")))

#define WINDOW_BYTES (256 * 1024)
#define ROWS 16384
#define ARGUMENTS 10
#define IDS 0x8000
#define EVENTS 4096
#define TYPE_BYTES 8
#define HEADER_BYTES 24
#define RECORD_TYPE 1
#define MAX_RECORD_BYTES (64 * 1024)
#define WORD_BYTES 8

/* A chunk ends at these limits, so that none takes much memory. */
#define MAX_FILE_BYTES (4 * 1024 * 1024)
#define MAX_TEXT_BYTES (1024 * 1024)
#define TEXT_SLOTS 65536
/* Half of the slots, so that a search stays short. */
#define MAX_TEXTS (TEXT_SLOTS / 2)

#define BLOCK_HEADER_BYTES 17
#define DIFFERENCES 16

#define GAP_BINS (64 * 59)
#define THREAD_BITS 15
#define THREADS (1 << THREAD_BITS)
#define MAX_PROBES 64

/* An event's layout: known, its number, a bit per argument that is text. */
#define KNOWN 0x80000000u
#define LAYOUT_ARGUMENTS(layout) ((layout) & 15)
#define LAYOUT_TEXTS(layout) (((layout) >> 4) & 0x3ff)
#define LAYOUT_NUMBER(layout) (((layout) >> 14) & 0xfff)

/* The columns of the current chunk, in file order. */
EXPORT uint16_t events[ROWS];
EXPORT uint64_t timestamps[ROWS];
EXPORT uint32_t pids[ROWS];
EXPORT uint64_t arguments[ARGUMENTS][ROWS];
EXPORT struct {
    uint32_t rows;
    uint32_t columns;
    uint32_t file_bytes;
    uint32_t texts;
    uint32_t text_bytes;
    uint32_t events;
} state;

EXPORT uint8_t window[WINDOW_BYTES + WORD_BYTES];
EXPORT uint32_t layouts[IDS];

/* Texts as a chunk stores them: u32 length, bytes. */
EXPORT uint8_t texts[MAX_TEXT_BYTES + 2 * MAX_RECORD_BYTES];
static uint32_t text_starts[MAX_TEXTS];
/* Per slot of the hash table: number of the text + 1; 0 if empty. */
static uint16_t text_slots[TEXT_SLOTS];

/* Of the chunk: first and last time, its events, the rows in their order. */
EXPORT uint64_t time_range[2];
EXPORT uint32_t event_ids[EVENTS];
EXPORT uint32_t event_counts[EVENTS];
static uint32_t places[IDS];
static uint32_t order[ROWS];

/* A packed chunk: the columns one after another, and where each ends. */
EXPORT uint8_t packed[(3 + ARGUMENTS) *
                      (ROWS * WORD_BYTES + EVENTS * BLOCK_HEADER_BYTES)];
EXPORT uint32_t ends[3 + ARGUMENTS];
EXPORT uint64_t values[ROWS];
static uint64_t codes[ROWS];
static uint32_t words[ROWS];

/* Counts of the whole trace, by the event's number. */
EXPORT struct {
    uint64_t count;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t gaps;
    uint64_t least_gap_ns;
    uint64_t most_gap_ns;
    double gap_sum_ns;
} summaries[EVENTS];
/* Counts of gaps per event, in the memory that the caller has added. */
typedef uint32_t gap_bins_t[GAP_BINS];
extern uint8_t __heap_base;
#define gap_bins ((gap_bins_t *)&__heap_base)

/* The last record of each event and thread; no key is 0. */
static struct thread {
    uint64_t key;
    uint64_t last_ns;
} threads[THREADS];
static uint32_t thread_count;

/* Records of one event in one bin of time, by `count_bins`. */
EXPORT uint16_t run_ids[ROWS];
EXPORT uint32_t run_bins[ROWS];
EXPORT uint32_t run_counts[ROWS];

static inline uint32_t load32(const uint8_t *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

static inline uint64_t load64(const uint8_t *at)
{
    uint64_t value;
    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

static inline void store64(uint8_t *at, uint64_t value)
{
    __builtin_memcpy(at, &value, sizeof(value));
}

/* The next word of a text of @left bytes, zeros after its end. */
static inline uint64_t load_text(const uint8_t *at, uint32_t left)
{
    uint64_t word = load64(at);
    return left >= WORD_BYTES ? word : word & ((1ull << (8 * left)) - 1);
}

static bool same_text(const uint8_t *a, const uint8_t *b, uint32_t length)
{
    for (uint32_t at = 0; at < length; at += WORD_BYTES) {
        if (load_text(a + at, length - at) != load_text(b + at, length - at)) {
            return false;
        }
    }
    return true;
}

/* Returns the number of a text in the chunk, which is added if it is new. */
static uint32_t text_number(const uint8_t *text, uint32_t length)
{
    uint64_t hash = length;
    for (uint32_t at = 0; at < length; at += WORD_BYTES) {
        hash ^= load_text(text + at, length - at);
        hash *= 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 32;
    }
    for (uint32_t slot = hash % TEXT_SLOTS;; slot = (slot + 1) % TEXT_SLOTS) {
        uint32_t found = text_slots[slot];
        if (found == 0) {
            uint8_t *at = texts + state.text_bytes;
            text_starts[state.texts] = state.text_bytes;
            __builtin_memcpy(at, &length, sizeof(length));
            __builtin_memcpy(at + sizeof(length), text, length);
            state.text_bytes += sizeof(length) + length;
            text_slots[slot] = ++state.texts;
            return state.texts - 1;
        }
        const uint8_t *known = texts + text_starts[found - 1];
        if (load32(known) == length &&
            same_text(known + sizeof(length), text, length)) {
            return found - 1;
        }
    }
}

/* Returns whether the chunk ends here. */
EXPORT bool is_full(void)
{
    return state.rows == ROWS || state.file_bytes > MAX_FILE_BYTES ||
           state.texts > MAX_TEXTS - ARGUMENTS ||
           state.text_bytes > MAX_TEXT_BYTES;
}

/* Returns whether @layout's arguments take exactly @bytes bytes. */
static bool arguments_fit(uint32_t layout, const uint8_t *at, uint32_t bytes)
{
    uint32_t is_text = LAYOUT_TEXTS(layout);
    uint32_t count = LAYOUT_ARGUMENTS(layout);

    if (is_text == 0) {
        return bytes == count * WORD_BYTES;
    }
    for (; count > 0; count--, is_text >>= 1) {
        uint32_t taken = WORD_BYTES;
        if (is_text & 1) {
            if (bytes < 4 || load32(at) > bytes - 4) {
                return false;
            }
            taken = 4 + load32(at);
        }
        if (taken > bytes) {
            return false;
        }
        at += taken;
        bytes -= taken;
    }
    return bytes == 0;
}

static void add_arguments(uint32_t layout, const uint8_t *at)
{
    uint32_t row = state.rows;
    uint32_t is_text = LAYOUT_TEXTS(layout);
    uint32_t count = LAYOUT_ARGUMENTS(layout);
    uint32_t index;

    for (; state.columns < count; state.columns++) {
        __builtin_memset(arguments[state.columns], 0, row * WORD_BYTES);
    }
    for (index = 0; index < count; index++, is_text >>= 1) {
        if (is_text & 1) {
            uint32_t length = load32(at);
            arguments[index][row] = text_number(at + 4, length);
            at += 4 + length;
        } else {
            arguments[index][row] = load64(at);
            at += WORD_BYTES;
        }
    }
    for (; index < state.columns; index++) {
        arguments[index][row] = 0;
    }
}

/*
 * Adds the records at @start of the window to the chunk. Returns the start of
 * the first entry that is something else, or incomplete, or would be the first
 * of the next chunk.
 */
EXPORT uint32_t parse(uint32_t start, uint32_t end)
{
    while (!is_full() && end - start >= TYPE_BYTES + HEADER_BYTES) {
        const uint8_t *entry = window + start;
        uint64_t id = load64(entry + 8);
        uint64_t time_ns = load64(entry + 16);
        uint32_t length = load32(entry + 24);

        if (load64(entry) != RECORD_TYPE || id >= IDS ||
            !(layouts[id] & KNOWN) || (int64_t)time_ns < 0 ||
            length < HEADER_BYTES || length > MAX_RECORD_BYTES ||
            length > end - start - TYPE_BYTES ||
            !arguments_fit(layouts[id], entry + TYPE_BYTES + HEADER_BYTES,
                           length - HEADER_BYTES)) {
            break;
        }
        events[state.rows] = id;
        timestamps[state.rows] = time_ns;
        pids[state.rows] = load32(entry + 28);
        add_arguments(layouts[id], entry + TYPE_BYTES + HEADER_BYTES);
        state.rows++;
        state.file_bytes += TYPE_BYTES + length;
        start += TYPE_BYTES + length;
    }
    return start;
}

/* Starts the next chunk. */
EXPORT void clear(void)
{
    if (state.texts > 0) {
        __builtin_memset(text_slots, 0, sizeof(text_slots));
    }
    state.rows = 0;
    state.columns = 0;
    state.file_bytes = 0;
    state.texts = 0;
    state.text_bytes = 0;
    state.events = 0;
}

/* Lists the chunk's events, and sorts its rows by event, else as in the file. */
EXPORT void sort_rows(void)
{
    uint32_t least = IDS;
    uint32_t most = 0;
    uint32_t place = 0;
    uint64_t first_ns = UINT64_MAX;
    uint64_t last_ns = 0;

    for (uint32_t row = 0; row < state.rows; row++) {
        uint32_t id = events[row];
        uint64_t time_ns = timestamps[row];
        first_ns = time_ns < first_ns ? time_ns : first_ns;
        last_ns = time_ns > last_ns ? time_ns : last_ns;
        places[id]++;
        least = id < least ? id : least;
        most = id > most ? id : most;
    }
    time_range[0] = first_ns;
    time_range[1] = last_ns;
    state.events = 0;
    for (uint32_t id = least; id <= most; id++) {
        uint32_t count = places[id];
        if (count > 0) {
            event_ids[state.events] = id;
            event_counts[state.events++] = count;
            places[id] = place;
            place += count;
        }
    }
    for (uint32_t row = 0; row < state.rows; row++) {
        order[places[events[row]]++] = row;
    }
    for (uint32_t event = 0; event < state.events; event++) {
        places[event_ids[event]] = 0;
    }
}

/*
 * Returns the last record of an event's thread. Forgets all threads when they
 * are many, or when a search takes long: a forgotten thread loses one gap.
 */
static struct thread *thread_of(uint32_t id, uint32_t pid)
{
    uint64_t key = ((uint64_t)(id + 1) << 32) | pid;
    uint32_t slot = (key * 0x9e3779b97f4a7c15ull) >> (64 - THREAD_BITS);
    struct thread *thread;

    for (uint32_t probe = 0; probe < MAX_PROBES; probe++) {
        thread = &threads[(slot + probe) % THREADS];
        if (thread->key == key) {
            return thread;
        }
        if (thread->key == 0 && thread_count < THREADS / 2) {
            goto added;
        }
    }
    __builtin_memset(threads, 0, sizeof(threads));
    thread_count = 0;
    thread = &threads[slot];
added:
    thread_count++;
    thread->key = key;
    thread->last_ns = UINT64_MAX;
    return thread;
}

static inline uint32_t gap_bin(uint64_t gap_ns)
{
    uint32_t shift;

    if (gap_ns < 128) {
        return gap_ns;
    }
    shift = 57 - __builtin_clzll(gap_ns);
    return 64 * shift + (gap_ns >> shift);
}

static void count_event(uint32_t id, const uint32_t *rows, uint32_t count)
{
    uint32_t number = LAYOUT_NUMBER(layouts[id]);
    uint32_t *bins = gap_bins[number];
    struct thread *thread = NULL;
    uint32_t pid = 0;
    uint64_t first_ns = timestamps[rows[0]];
    uint64_t last_ns = first_ns;

    if (summaries[number].count == 0) {
        summaries[number].least_gap_ns = UINT64_MAX;
    } else {
        first_ns = summaries[number].first_ns;
        last_ns = summaries[number].last_ns;
    }
    for (uint32_t at = 0; at < count; at++) {
        uint64_t time_ns = timestamps[rows[at]];
        if (thread == NULL || pids[rows[at]] != pid) {
            pid = pids[rows[at]];
            thread = thread_of(id, pid);
        }
        /* A clock that goes back within a thread has no gap. */
        if (time_ns >= thread->last_ns) {
            uint64_t gap_ns = time_ns - thread->last_ns;
            summaries[number].gaps++;
            summaries[number].gap_sum_ns += gap_ns;
            if (gap_ns < summaries[number].least_gap_ns) {
                summaries[number].least_gap_ns = gap_ns;
            }
            if (gap_ns > summaries[number].most_gap_ns) {
                summaries[number].most_gap_ns = gap_ns;
            }
            bins[gap_bin(gap_ns)]++;
        }
        thread->last_ns = time_ns;
        first_ns = time_ns < first_ns ? time_ns : first_ns;
        last_ns = time_ns > last_ns ? time_ns : last_ns;
    }
    summaries[number].count += count;
    summaries[number].first_ns = first_ns;
    summaries[number].last_ns = last_ns;
}

/* Adds the chunk's records, sorted, to the counts of the trace. */
EXPORT void count_records(void)
{
    for (uint32_t event = 0, from = 0; event < state.events; event++) {
        count_event(event_ids[event], order + from, event_counts[event]);
        from += event_counts[event];
    }
}

/*
 * Counts the chunk's records, sorted, in bins of 2^@shift ns, numbered from
 * @first. Returns the number of runs.
 */
EXPORT uint32_t count_bins(uint32_t shift, uint64_t first)
{
    uint32_t runs = 0;

    for (uint32_t event = 0, at = 0; event < state.events; event++) {
        uint32_t end = at + event_counts[event];
        uint32_t last = UINT32_MAX;
        for (; at < end; at++) {
            uint32_t bin = (timestamps[order[at]] >> shift) - first;
            if (bin != last) {
                run_ids[runs] = event_ids[event];
                run_bins[runs] = last = bin;
                run_counts[runs++] = 0;
            }
            run_counts[runs - 1]++;
        }
    }
    return runs;
}

static uint32_t width_of(uint64_t range)
{
    return range == 0 ? 0 : WORD_BYTES - __builtin_clzll(range) / 8;
}

/* Writes byte @plane of each of the first @count words. */
static uint8_t *put_plane(uint8_t *to, uint32_t plane, uint32_t count)
{
    const v128_t byte = wasm_i32x4_splat(255);
    uint32_t shift = 8 * plane;
    uint32_t at = 0;

    for (; at + 16 <= count; at += 16) {
        v128_t part[4];
        for (int i = 0; i < 4; i++) {
            part[i] = wasm_v128_load(words + at + 4 * i);
            part[i] = wasm_v128_and(wasm_u32x4_shr(part[i], shift), byte);
        }
        wasm_v128_store(
            to + at, wasm_u8x16_narrow_i16x8(
                         wasm_u16x8_narrow_i32x4(part[0], part[1]),
                         wasm_u16x8_narrow_i32x4(part[2], part[3])));
    }
    for (; at < count; at++) {
        to[at] = words[at] >> shift;
    }
    return to + count;
}

static uint8_t *put_planes(uint8_t *to, const uint64_t *from, uint64_t base,
                           uint32_t width, uint32_t count)
{
    if (width > 4) {
        for (uint32_t at = 0; at < count; at++) {
            words[at] = (from[at] - base) >> 32;
        }
        for (; width > 4; width--) {
            to = put_plane(to, width - 5, count);
        }
    }
    if (width > 0) {
        for (uint32_t at = 0; at < count; at++) {
            words[at] = from[at] - base;
        }
        for (; width > 0; width--) {
            to = put_plane(to, width - 1, count);
        }
    }
    return to;
}

/* Packs numbers as a block of a column, in the form that takes fewer bytes. */
static uint8_t *put_block(uint8_t *to, const uint64_t *from, uint32_t count)
{
    uint64_t changed = 0;
    int64_t least = from[0];
    int64_t most = from[0];
    uint64_t least_code = UINT64_MAX;
    uint64_t most_code = 0;
    int64_t overflow = 0;
    uint32_t width, code_width;
    uint64_t base;

    for (uint32_t at = 1; at < count; at++) {
        changed |= from[at] ^ from[0];
    }
    for (uint32_t at = 1; changed != 0 && at < count; at++) {
        int64_t value = from[at];
        int64_t before = from[at - 1];
        int64_t step = (uint64_t)value - (uint64_t)before;
        uint64_t code = ((uint64_t)step << 1) ^ (uint64_t)(step >> 63);
        overflow |= (value ^ before) & (value ^ step);
        codes[at] = code;
        least = value < least ? value : least;
        most = value > most ? value : most;
        least_code = code < least_code ? code : least_code;
        most_code = code > most_code ? code : most_code;
    }
    width = width_of((uint64_t)most - (uint64_t)least);
    code_width = width_of(most_code - least_code);
    /* Decoded numbers must fit in 63 bits: SQL has no larger integers. */
    if (changed != 0 && overflow >= 0 && most_code >> 62 == 0 &&
        code_width < width) {
        codes[0] = least_code; /* never read; packs to zeros */
        *to = DIFFERENCES + code_width;
        store64(to + 1, least_code);
        store64(to + 9, from[0]);
        return put_planes(to + 17, codes, least_code, code_width, count);
    }
    base = width == 8 ? 0 : least;
    *to = width;
    store64(to + 1, base);
    return put_planes(to + 9, from, base, width, count);
}

/* Packs the first @count of `values` and returns the number of bytes. */
EXPORT uint32_t pack_values(uint32_t count)
{
    return put_block(packed, values, count) - packed;
}

/* Packs the columns of the chunk, whose rows are sorted. */
EXPORT void pack_chunk(void)
{
    uint32_t *end = ends;
    uint8_t *to = packed;

    for (uint32_t row = 0; row < state.rows; row++) {
        values[row] = events[row];
    }
    to = put_block(to, values, state.rows);
    *end++ = to - packed;
    to = put_block(to, timestamps, state.rows);
    *end++ = to - packed;
    for (uint32_t row = 0; row < state.rows; row++) {
        values[row] = pids[row];
    }
    to = put_block(to, values, state.rows);
    *end++ = to - packed;
    for (uint32_t column = 0; column < state.columns; column++) {
        for (uint32_t row = 0; row < state.rows; row++) {
            values[row] = arguments[column][order[row]];
        }
        for (uint32_t event = 0, from = 0; event < state.events; event++) {
            to = put_block(to, values + from, event_counts[event]);
            from += event_counts[event];
        }
        *end++ = to - packed;
    }
}
