# SPDX-License-Identifier: GPL-2.0-or-later
# A 64 KiB BIOS image: starts all processors, each of which writes to port 0x80 for ever.
        .code16
        .section .text
        .globl start
        .set    AP, 0x8000                      # where the other processors begin
        .set    ICR, 0xfee00300                 # interrupt command of the local APIC

start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movl    $write, %esi                    # ROM to RAM: a start address lies below 1 MiB
        movl    $AP, %edi
        movw    $(write_end - write), %cx
copy:
        movb    %cs:(%si), %al
        movb    %al, %es:(%di)
        incw    %si
        incw    %di
        loop    copy

        lgdtl   %cs:gdt_pointer                 # "unreal mode": %ds reaches the APIC
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $8, %bx
        movw    %bx, %ds
        andb    $0xfe, %al
        movl    %eax, %cr0

        movl    $ICR, %ebx
        movl    $0xc4500, %ds:(%ebx)            # INIT to all but self
        call    pause
        movl    $(0xc4600 + (AP >> 12)), %ds:(%ebx)     # start-up to all but self
        call    pause
        movl    $(0xc4600 + (AP >> 12)), %ds:(%ebx)

write:
        outb    %al, $0x80
        jmp     write
write_end:

pause:
        movl    $100000, %ecx
1:      decl    %ecx
        jnz     1b
        ret

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
