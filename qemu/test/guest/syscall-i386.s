# A 32-bit program of Linux that is linked above 2 GiB: an address is an
# argument whose sign bit is set.
# SPDX-License-Identifier: GPL-2.0-or-later

    .globl start
start:
    movl $4, %eax                   # write
    movl $1, %ebx
    movl $start, %ecx
    movl $0, %edx
    movl $-1, %esi
    int $0x80
    movl $1, %eax                   # exit
    movl $7, %ebx
    int $0x80
