// What the accelerator probe runs on ARM: proof that a guest turns its MMU on, sees its timer tick, and answers.
// A raw image (QEMU's -kernel, machine `virt`) that prints one digit per stage to the serial port and switches off.
// Assemble: aarch64-linux-gnu-as probe-aarch64.s -o a.o && aarch64-linux-gnu-objcopy -O binary -j .text a.o a.bin
        .text
start:  mov     x9, #0x09000000         // PL011
        mov     w0, #'1'                // 1: runs
        strb    w0, [x9]
        adr     x1, start               // table 64 KiB above: 0..1 GiB devices, 1..2 GiB memory
        add     x1, x1, #0x10000
        mov     x2, #0x405
        str     x2, [x1]
        mov     x2, #0x40000000
        movk    x2, #0x0701
        str     x2, [x1, #8]
        mov     x2, #0x00ff             // 0: memory, written back; 1: device
        msr     mair_el1, x2
        mov     x2, #0x3519             // 39 bits, 4 KiB, inner shareable
        movk    x2, #0x0080, lsl #16
        movk    x2, #0x0002, lsl #32
        msr     tcr_el1, x2
        msr     ttbr0_el1, x1
        dsb     sy
        isb
        mrs     x2, sctlr_el1
        orr     x2, x2, #1
        msr     sctlr_el1, x2
        isb
        mov     w0, #'3'                // 3: MMU on
        strb    w0, [x9]
        mov     x2, #1000
        msr     cntv_tval_el0, x2
        mov     x2, #1
        msr     cntv_ctl_el0, x2
1:      mrs     x2, cntv_ctl_el0        // until the timer's condition is met
        tbz     x2, #2, 1b
        mov     w0, #'7'                // 7: time passes
        strb    w0, [x9]
        mov     w0, #0x0008             // PSCI SYSTEM_OFF
        movk    w0, #0x8400, lsl #16
        hvc     #0
2:      wfi
        b       2b
