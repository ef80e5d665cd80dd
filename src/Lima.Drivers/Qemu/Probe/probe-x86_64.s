# What the accelerator probe runs: proof that a guest reaches long mode, takes an interrupt, and answers.
# A multiboot image (QEMU's -kernel) that prints one digit per stage to the debug port 0xe9 and ends QEMU by port 0xf4.
# Assemble: as --64 probe-x86_64.s -o p.o && ld -N -Ttext 0x100000 -o p.elf p.o && objcopy -O binary p.elf p.bin
        .code32
        .globl  _start
header: .long   0x1BADB002, 0x00010000, -(0x1BADB002 + 0x00010000)
        .long   0x100000, 0x100000, 0, 0x108000, _start  # header, load, load end (all), end of bss, entry
_start: cli
        mov     $0x100f00, %esp
        mov     $'1', %al                       # 1: protected mode
        out     %al, $0xe9
        movl    $0x102003, 0x101000             # four-level tables: the first gigabyte as it is, in pages of 2 MiB
        movl    $0x103003, 0x102000
        xor     %ecx, %ecx
1:      mov     %ecx, %eax
        shl     $21, %eax
        or      $0x83, %eax
        mov     %eax, 0x103000(,%ecx,8)
        inc     %ecx
        cmp     $512, %ecx
        jne     1b
        movl    $0x104003, 0x102018             # and the local APIC, uncached
        movl    $0xfee0009b, 0x104000 + ((0xfee00000 - 0xc0000000) >> 21) * 8
        mov     %cr4, %eax
        or      $0x20, %eax                     # PAE
        mov     %eax, %cr4
        mov     $0x101000, %eax
        mov     %eax, %cr3
        mov     $0xC0000080, %ecx               # EFER.LME
        rdmsr
        or      $0x100, %eax
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax               # paging
        mov     %eax, %cr0
        lgdt    gdtr
        mov     $'2', %al                       # 2: paging
        out     %al, $0xe9
        ljmp    $8, $long
gdt:    .quad   0, 0x00209A0000000000, 0x0000920000000000
gdtr:   .word   23
        .long   gdt
        .code64
long:   mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $'3', %al                       # 3: long mode
        out     %al, $0xe9
        lea     fault(%rip), %rax
        mov     $0x105000, %edi                 # gates 0..31: a fault
        mov     $32, %ecx
1:      call    gate
        dec     %ecx
        jnz     1b
        lea     tick(%rip), %rax
        mov     $0x105000 + 0x40 * 16, %edi     # gate 0x40: the timer
        call    gate
        lidt    idtr(%rip)
        mov     $'4', %al                       # 4: interrupt table
        out     %al, $0xe9
        mov     $0xfee00000, %ebx
        movl    $0x1ff, 0xf0(%rbx)              # enable the APIC; one shot, vector 0x40
        movl    $0x0b, 0x3e0(%rbx)
        movl    $0x40, 0x320(%rbx)
        movl    $100000, 0x380(%rbx)
        mov     $'5', %al                       # 5: timer set
        out     %al, $0xe9
        sti
2:      hlt
        cmpb    $0, flag(%rip)
        je      2b
        mov     $'7', %al                       # 7: woken up and back from the interrupt
        out     %al, $0xe9
        mov     $0x2a, %al
        out     %al, $0xf4
3:      hlt
        jmp     3b
gate:   mov     %ax, (%rdi)                     # writes the gate at rdi for the handler at rax
        movw    $8, 2(%rdi)
        movw    $0x8e00, 4(%rdi)
        mov     %rax, %rdx
        shr     $16, %rdx
        mov     %dx, 6(%rdi)
        movl    $0, 8(%rdi)
        movl    $0, 12(%rdi)
        add     $16, %edi
        ret
tick:   push    %rax
        mov     $'6', %al                       # 6: interrupt taken
        out     %al, $0xe9
        movb    $1, flag(%rip)
        movl    $0, 0xb0(%rbx)                  # end of interrupt
        pop     %rax
        iretq
fault:  mov     $'F', %al                       # F: a fault that should not be
        out     %al, $0xe9
        mov     $0x13, %al
        out     %al, $0xf4
        jmp     fault
flag:   .byte   0
idtr:   .word   0x50 * 16 - 1
        .quad   0x105000
