/*
 * Conformance: the values that QEMU's atomic helpers tell plugins and
 * guest_mem_access are those in memory before and after, in the guest's byte
 * order. Includes accel/tcg/atomic_template.h of a QEMU for every width.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* what the template expects of QEMU */
typedef struct CPUArchState CPUArchState;
typedef uint64_t aligned_uint64_t;
typedef int64_t aligned_int64_t;
typedef uint64_t target_ulong;
typedef uint64_t abi_ptr;
typedef uint64_t vaddr;
typedef uint32_t MemOpIdx;

#define HOST_BIG_ENDIAN 0
#define HAVE_ATOMIC128 0
#define PAGE_READ 1
#define PAGE_WRITE 2
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define bswap16 __builtin_bswap16
#define bswap32 __builtin_bswap32
#define bswap64 __builtin_bswap64
#define env_cpu(env) (env)
/* smp_mb(): the template has the barriers */
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define qatomic_read__nocheck(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define qatomic_xchg__nocheck(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define qatomic_cmpxchg__nocheck(p, before, after) ({ \
    __typeof__(*(p)) old_ = (before); \
    __atomic_compare_exchange_n(p, &old_, after, false, \
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    old_; \
})
#define qatomic_fetch_add(p, v) __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)
#define qatomic_fetch_and(p, v) __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST)
#define qatomic_fetch_or(p, v) __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST)
#define qatomic_fetch_xor(p, v) __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST)
#define qatomic_add_fetch(p, v) __atomic_add_fetch(p, v, __ATOMIC_SEQ_CST)
#define qatomic_and_fetch(p, v) __atomic_and_fetch(p, v, __ATOMIC_SEQ_CST)
#define qatomic_or_fetch(p, v) __atomic_or_fetch(p, v, __ATOMIC_SEQ_CST)
#define qatomic_xor_fetch(p, v) __atomic_xor_fetch(p, v, __ATOMIC_SEQ_CST)
#define glue_(a, b) a##b
#define glue(a, b) glue_(a, b)
#define ATOMIC_NAME(X) glue(glue(glue(X##_, SUFFIX), _in), END)
#define ATOMIC_MMU_CLEANUP
#define atomic_mmu_lookup(...) ((void *)memory)

static uint8_t memory[8] __attribute__((aligned(8)));
static uint64_t told_before, told_after;
static unsigned calls, checks, faults;

static void atomic_trace_rmw_post(CPUArchState *env, uint64_t addr,
                                  uint64_t read_low, uint64_t read_high,
                                  uint64_t write_low, uint64_t write_high,
                                  MemOpIdx oi)
{
    (void)env, (void)addr, (void)read_high, (void)write_high, (void)oi;
    told_before = read_low;
    told_after = write_low;
    calls++;
}

#define DATA_SIZE 1
#include "atomic_template.h"
#define DATA_SIZE 2
#include "atomic_template.h"
#define DATA_SIZE 4
#include "atomic_template.h"
#define DATA_SIZE 8
#include "atomic_template.h"

static uint64_t narrow(uint64_t value, unsigned size)
{
    return value << (64 - 8 * size) >> (64 - 8 * size);
}

static unsigned place(unsigned byte, unsigned size, bool big)
{
    return big ? size - 1 - byte : byte;
}

static uint64_t load(unsigned size, bool big)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)memory[place(i, size, big)] << 8 * i;
    }
    return value;
}

static void store(uint64_t value, unsigned size, bool big)
{
    for (unsigned i = 0; i < size; i++) {
        memory[place(i, size, big)] = value >> 8 * i;
    }
}

static void check(const char *name, uint64_t before, uint64_t after,
                  unsigned size)
{
    checks++;
    if (calls != 1 || narrow(told_before, size) != before
        || narrow(told_after, size) != after) {
        faults++;
        printf("%s: %" PRIx64 " to %" PRIx64 ", told %" PRIx64 " to %" PRIx64
               "\n", name, before, after, told_before, told_after);
    }
    calls = 0;
}

static uint64_t number(void)
{
    return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ rand();
}

#define CHECK(NAME, size, big, ...) do { \
    uint64_t before = narrow(number(), size); \
    \
    store(before, size, big); \
    NAME(NULL, 0, __VA_ARGS__, 0, 0); \
    check(#NAME, before, load(size, big), size); \
} while (0)

#define CHECK_ALL(WIDTH, size, big) do { \
    CHECK(fetch_add_##WIDTH, size, big, number()); \
    CHECK(fetch_and_##WIDTH, size, big, number()); \
    CHECK(fetch_or_##WIDTH, size, big, number()); \
    CHECK(fetch_xor_##WIDTH, size, big, number()); \
    CHECK(add_fetch_##WIDTH, size, big, number()); \
    CHECK(and_fetch_##WIDTH, size, big, number()); \
    CHECK(or_fetch_##WIDTH, size, big, number()); \
    CHECK(xor_fetch_##WIDTH, size, big, number()); \
    CHECK(fetch_smin_##WIDTH, size, big, number()); \
    CHECK(fetch_umin_##WIDTH, size, big, number()); \
    CHECK(fetch_smax_##WIDTH, size, big, number()); \
    CHECK(fetch_umax_##WIDTH, size, big, number()); \
    CHECK(smin_fetch_##WIDTH, size, big, number()); \
    CHECK(umin_fetch_##WIDTH, size, big, number()); \
    CHECK(smax_fetch_##WIDTH, size, big, number()); \
    CHECK(umax_fetch_##WIDTH, size, big, number()); \
    CHECK(xchg_##WIDTH, size, big, number()); \
    /* fails, succeeds */ \
    CHECK(cmpxchg_##WIDTH, size, big, ~before, number()); \
    CHECK(cmpxchg_##WIDTH, size, big, before, number()); \
} while (0)

int main(void)
{
    for (unsigned round = 0; round < 1000; round++) {
        CHECK_ALL(b_in, 1, false);
        CHECK_ALL(w_in_le, 2, false);
        CHECK_ALL(w_in_be, 2, true);
        CHECK_ALL(l_in_le, 4, false);
        CHECK_ALL(l_in_be, 4, true);
        CHECK_ALL(q_in_le, 8, false);
        CHECK_ALL(q_in_be, 8, true);
    }
    printf("%u checks, %u faults\n", checks, faults);
    return faults != 0;
}
