# SPDX-License-Identifier: GPL-2.0-or-later
# A 64 KiB BIOS image: reads a count from address 0x1000, where QEMU's loader device put it,
# writes %al to PORT as often, then 16 to isa-debug-exit, which makes QEMU exit with status 16 * 2 + 1 = 33.
        .code16
        .section .text
        .globl start
start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    0x1000, %ecx
again:
        outb    %al, $PORT
        decl    %ecx
        jnz     again
        movb    $16, %al
        outb    %al, $0xf4
halt:
        hlt
        jmp     halt

        .org    0xfff0
reset:                                  # where the processor begins: f000:fff0
        ljmp    $0xf000, $start
        .org    0x10000
