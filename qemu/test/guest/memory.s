# SPDX-License-Identifier: GPL-2.0-or-later
# A 64 KiB BIOS image: COUNT times, it stores a number, loads it and loads its lowest byte; then it ends QEMU with
# status 33. Executes 6 + 6 * COUNT instructions.
        .code16
        .section .text
        .globl start
start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    $COUNT, %ecx
again:
        movl    %ecx, 0x1000
        movl    0x1000, %ebx
        movb    0x1000, %dl
        incw    %ax
        decl    %ecx
        jnz     again
        movb    $16, %al
        outb    %al, $0xf4                      # isa-debug-exit
        hlt                                     # QEMU may end before or after it

        .org    0xfff0
reset:                                          # where the processor begins
        ljmp    $0xf000, $start
        .org    0x10000
