# SPDX-License-Identifier: GPL-2.0-or-later
# A 64 KiB BIOS image: accesses of every width to 0x1000, with and without sign, atomic ones and one of 512 bytes that
# QEMU's helper does; then it ends QEMU with status 33.
        .code16
        .section .text
        .globl start
start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    $0x11223344, %eax
        movb    %al, 0x1000
        movw    %ax, 0x1000
        movl    %eax, 0x1000
        movb    $0x80, 0x1000
        movsbl  0x1000, %ebx
        movzbl  0x1000, %ebx
        lock incl 0x1000
        lock andl $0xff, 0x1000
        lock orl $0x1000, 0x1000
        movl    $2, %ebx
        lock xaddl %ebx, 0x1000
        movl    $5, %ebx
        xchgl   %ebx, 0x1000
        movl    $6, %eax                        # differs from the 5 in memory
        lock cmpxchgl %ebx, 0x1000
        movl    $5, %eax
        movl    $7, %ebx
        lock cmpxchgl %ebx, 0x1000
        fxsave  0x2000
        movb    $16, %al
        outb    %al, $0xf4                      # isa-debug-exit
        hlt

        .org    0xfff0
reset:
        ljmp    $0xf000, $start
        .org    0x10000
