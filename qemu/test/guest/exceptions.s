# SPDX-License-Identifier: GPL-2.0-or-later
# A 64 KiB BIOS image: divides by zero, calls software interrupt 0x20, and interrupts itself by its APIC with vector
# 0x30; then it ends QEMU with status 33.
        .code16
        .section .text
        .globl start
        .set    SPURIOUS, 0xfee000f0            # registers of the local APIC
        .set    ICR, 0xfee00300

start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7000, %sp
        movw    $divide, 0 * 4                  # vectors
        movw    $0xf000, 0 * 4 + 2
        movw    $software, 0x20 * 4
        movw    $0xf000, 0x20 * 4 + 2
        movw    $hardware, 0x30 * 4
        movw    $0xf000, 0x30 * 4 + 2

        lgdtl   %cs:gdt_pointer                 # "unreal mode": %es reaches the APIC
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $8, %bx
        movw    %bx, %es
        andb    $0xfe, %al
        movl    %eax, %cr0

        xorw    %cx, %cx
        .globl  at_divide, at_software, at_interrupt
at_divide:
        divw    %cx
at_software:
        int     $0x20
        movl    $SPURIOUS, %ebx                 # enables the APIC
        movl    $0x1ff, %es:(%ebx)
        movl    $ICR, %ebx
        movl    $0x40030, %es:(%ebx)            # to itself
        sti
        nop
at_interrupt:
        jmp     at_interrupt

divide:
        movw    %sp, %bp
        addw    $2, (%bp)                       # behind the instruction
software:
        iret

hardware:
        movl    $0x1111, %ebx                   # no access between them
        movl    $0x2222, %ebx
        movb    $16, %al
        outb    %al, $0xf4                      # isa-debug-exit
        hlt

        .balign 8
gdt:
        .quad   0
        .quad   0x00cf92000000ffff              # data, 4 GiB
gdt_pointer:
        .word   . - gdt - 1
        .long   0xf0000 + gdt

        .org    0xfff0
reset:                                          # where the processor begins
        ljmp    $0xf000, $start
        .org    0x10000
