# SPDX-License-Identifier: GPL-2.0-or-later
# A program of x86-64 Linux with two functions, of 3 instructions, 2 loads and a store, and of 2 instructions and a load.
# Calls them 100 and 10 times.
        .text
        .globl  _start
        .type   often, @function
        .type   seldom, @function
often:
        movl    value(%rip), %eax
        movl    %eax, value(%rip)
        ret
        .size   often, . - often
seldom:
        nop
        ret
        .size   seldom, . - seldom
_start:
        movl    $100, %ebx
1:      call    often
        decl    %ebx
        jnz     1b
        movl    $10, %ebx
2:      call    seldom
        decl    %ebx
        jnz     2b
        movl    $60, %eax                       # exit
        xorl    %edi, %edi
        syscall

        .data
value:  .long   0
