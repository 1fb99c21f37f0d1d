# SPDX-License-Identifier: GPL-2.0-or-later
# A program for user mode: accesses of every kind to `values`, first as the only thread and then, with atomics done by
# QEMU's helpers, after another thread has been created.
        .text
        .globl _start
_start:
        call    accesses
        movl    $56, %eax                       # clone
        movl    $0x50f00, %edi                  # a thread
        leaq    stack_end(%rip), %rsi
        xorl    %edx, %edx
        xorl    %r10d, %r10d
        xorl    %r8d, %r8d
        syscall
        testl   %eax, %eax
        jz      thread
        call    accesses
        movl    $231, %eax                      # exit_group
        xorl    %edi, %edi
        syscall
thread:
        movl    $60, %eax                       # exit
        xorl    %edi, %edi
        syscall

accesses:
        leaq    values(%rip), %rdi
        movabsq $0x1122334455667788, %rax
        movb    %al, (%rdi)
        movw    %ax, (%rdi)
        movl    %eax, (%rdi)
        movq    %rax, (%rdi)
        movsbq  (%rdi), %rbx
        movslq  (%rdi), %rbx
        movbel  %eax, (%rdi)
        movbel  (%rdi), %ebx
        movbeq  %rax, (%rdi)
        movbeq  (%rdi), %rbx
        movbew  %ax, (%rdi)
        movbew  (%rdi), %bx
        movq    %rax, (%rdi)
        lock notb (%rdi)
        lock negw (%rdi)
        lock subq $1, (%rdi)
        lock xorb $0xff, (%rdi)
        lock btsq $63, (%rdi)
        movl    $-1, %ebx
        lock xaddw %bx, (%rdi)
        # 512 bytes, and the processor's whole state
        fxsave  512(%rdi)
        fxrstor 512(%rdi)
        movl    $-1, %eax
        movl    $-1, %edx
        xsave   1024(%rdi)
        # 16 bytes
        movups  pair(%rip), %xmm0
        movups  %xmm0, 16(%rdi)
        movq    pair(%rip), %rax
        movq    pair+8(%rip), %rdx
        movq    %rax, %rbx
        xorl    %ecx, %ecx
        lock cmpxchg16b 16(%rdi)
        # a string
        leaq    pair(%rip), %rsi
        leaq    32(%rdi), %rdi
        movl    $2, %ecx
        rep movsb
        ret

        .data
        .balign 4096
values: .skip   8192
pair:   .quad   0x0123456789abcdef, 0xfedcba9876543210
        .bss
        .balign 16
        .skip   4096
stack_end:
