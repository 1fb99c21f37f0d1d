# A 64 KiB BIOS image: writes %al to port 0x80 WRITES times, then 16 to isa-debug-exit,
# which makes QEMU exit with status 16 * 2 + 1 = 33.
        .code16
        .section .text
        .globl start
start:
        movl    $WRITES, %ecx
again:
        outb    %al, $0x80
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
