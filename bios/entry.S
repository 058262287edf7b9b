// SPDX-License-Identifier: BSD-2-Clause
// Entry from the PXE ROM, unpacking of the rest, the way between real and protected mode, and the
// 16-bit routines that 32-bit C calls through real_visit (real.h).
//
// The ROM loads the file at 0000:7c00 and calls it (PXE 2.1, section 2.4.1.1): ES:BX -> PXENV+,
// SS:SP+4 holds a far pointer to !PXE. Everything here runs with CS = 0, so this section must lie
// below 64 KiB; its variables are written once, at entry, because stores beside code are slow in
// emulators and on some processors. All 32-bit segments are flat.

	CODE32 = 0x08
	DATA32 = 0x10
	CODE16 = 0x18
	DATA16 = 0x20
	SAVED = 44	// bytes pushed at entry above the ROM's return address

	.section .text16.start, "awx"
	.code16
	.globl _start
_start:
	pushfl
	pushal
	push	%ds
	push	%es
	push	%fs
	push	%gs
	cld
	ljmp	$0, $1f			// some ROMs come as 07c0:0000
1:	xor	%ax, %ax
	mov	%ax, %ds
	mov	%bx, entry_pxenv
	mov	%es, entry_pxenv + 2
	mov	%sp, %bp
	mov	SAVED + 4(%bp), %eax
	mov	%eax, entry_bang_pxe
	mov	%sp, real_stack
	mov	%ss, real_stack + 2
	sti
	int	$0x12
	mov	%ax, entry_base_memory
	// Is there room for our variables below what the ROM keeps at the top?
	movzwl	%ax, %eax
	shl	$10, %eax
	mov	$no_room_text, %si
	cmp	$needed_end, %eax
	jb	give_up
	// A ROM stack inside our own memory would be overwritten: use one of ours instead.
	xor	%eax, %eax
	mov	%ss, %ax
	shl	$4, %eax
	movzwl	%sp, %ecx
	add	%ecx, %eax
	cmp	$_start, %eax
	jb	2f
	cmp	$image_end + 2048, %eax
	ja	2f
	movl	$spare_stack_far, real_stack
	movw	$0, entry_returnable
2:	cli
	calll	protect
	.code32
	mov	$stack_end, %esp
	push	$bss_end		// work space
	mov	$body, %eax
	mov	$body_size, %edx
	mov	$packed, %ecx
	call	unlzma
	mov	$body, %eax
	mov	$body_size, %edx
	call	calls_to_distances
	cmpl	$0x4459414c, mark	// lanyard.ld
	jne	damaged
	mov	$bss_start, %edi
	mov	$bss_end, %ecx
	sub	%edi, %ecx
	shr	$2, %ecx
	xor	%eax, %eax
	rep stosl
	mov	$stack_end, %esp
	call	bios_main
3:	hlt
	jmp	3b
damaged:
	mov	$damaged_text, %edx
	mov	$rm_give_up, %eax
	call	real_visit

	.code16
rm_give_up:
	mov	%dx, %si
give_up:				// with the text at si
	xor	%ax, %ax
	mov	%ax, %ds
1:	lodsb
	test	%al, %al
	jz	2f
	mov	$0x0e, %ah
	mov	$7, %bx
	int	$0x10
	jmp	1b
2:	int	$0x18
3:	hlt
	jmp	3b
no_room_text:
	.asciz	"\r\nLAN-403 there is not enough memory below 640 KiB beside this PXE ROM.\r\n"
damaged_text:
	.asciz	"\r\nLAN-207 lanyard.0 was damaged or cut off on its way here.\r\n"

	.balign	4
entry_pxenv:		.long 0
entry_bang_pxe:		.long 0
real_stack:		.long 0
pxe_entry:		.long 0
entry_base_memory:	.word 0
irq_port:		.word 0x21
irq_bit:		.byte 0
	.balign	2
entry_returnable:	.word 1
	.globl	entry_pxenv, entry_bang_pxe, entry_base_memory, entry_returnable, pxe_entry, real_stack

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	// CODE32 (all marked as accessed: the processor never writes here)
	.quad	0x00cf93000000ffff	// DATA32
	.quad	0x00009b000000ffff	// CODE16
	.quad	0x000093000000ffff	// DATA16
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
real_idt:
	.word	0x3ff
	.long	0

// Real to protected mode. Called with calll in real mode, interrupts off; comes back in 32-bit code
// with flat segments and the stack pointer still the real-mode one (use it for the ret only).
	.section .text16, "awx"
	.code16
protect:
	popl	%ebx
	lgdtl	%cs:gdt_pointer
	mov	%cr0, %ecx
	or	$1, %cl
	mov	%ecx, %cr0
	ljmpl	$CODE32, $1f
	.code32
1:	mov	$DATA32, %cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	%cx, %fs
	mov	%cx, %gs
	mov	%cx, %ss
	jmp	*%ebx

// uint32_t real_visit(const void *routine [eax], uint32_t a [edx], uint32_t b [ecx])
	.globl	real_visit
real_visit:
	push	%ebp
	push	%ebx
	push	%esi
	push	%edi
	mov	%esp, protected_stack
	incl	real_visits
	cli
	lidt	real_idt
	ljmp	$CODE16, $1f
	.code16
1:	mov	$DATA16, %bx
	mov	%bx, %ds
	mov	%bx, %es
	mov	%bx, %fs
	mov	%bx, %gs
	mov	%bx, %ss
	mov	%cr0, %ebx
	and	$~1, %bl
	mov	%ebx, %cr0
	ljmp	$0, $2f
2:	xor	%bx, %bx
	mov	%bx, %ds
	mov	%bx, %es
	mov	%bx, %fs
	mov	%bx, %gs
	xor	%esp, %esp
	lss	real_stack, %sp
	cld
	sti
	call	*%ax
	cli
	cld
	calll	protect
	.code32
	mov	protected_stack, %esp
	lidt	protected_idt
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret

// ---- routines for real_visit: near call, arguments in edx and ecx, result in eax -----------------
	.code16

// A software interrupt; edx: linear address of struct real_regs.
	.globl	rm_int
rm_int:
	mov	%edx, %esi
	shr	$4, %edx
	mov	%dx, %ds
	and	$15, %esi
	push	%ds
	push	%si
	pushfw				// what iret takes: flags, CS, IP
	push	%cs
	pushw	$1f
	pushl	40(%si)			// the handler, for lret
	pushw	32(%si)
	mov	34(%si), %es
	mov	0(%si), %edi
	mov	8(%si), %ebp
	mov	16(%si), %ebx
	mov	20(%si), %edx
	mov	24(%si), %ecx
	mov	28(%si), %eax
	mov	4(%si), %esi
	pop	%ds
	cli
	lretw
1:	pushw	%ds
	pushl	%esi
	pushfw
	pushl	%ebp
	mov	%sp, %bp		// 0 ebp, 4 flags, 6 esi, 10 ds, 12 far pointer to the struct
	lds	12(%bp), %si
	mov	%edi, 0(%si)
	mov	%ebx, 16(%si)
	mov	%edx, 20(%si)
	mov	%ecx, 24(%si)
	mov	%eax, 28(%si)
	mov	%es, 34(%si)
	popl	8(%si)
	popw	36(%si)
	popl	4(%si)
	popw	32(%si)
	add	$4, %sp
	ret

// A PXE call; dx: opcode, ecx: linear address of its parameters. Both calling conventions at once:
// on the stack for !PXE, in ES:DI and BX for PXENV+.
	.globl	rm_pxe
rm_pxe:
	mov	%ecx, %edi
	shr	$4, %ecx
	mov	%cx, %es
	and	$15, %edi
	push	%es
	push	%di
	push	%dx
	mov	%dx, %bx
	lcall	*%cs:pxe_entry
	add	$6, %sp
	movzwl	%ax, %eax
	ret

// undi_exchange(struct undi_low *) with DS = ES = SS = the paragraph before the struct, on the stack
// inside it; edx: linear address of the struct.
	.globl	rm_exchange
rm_exchange:
	shr	$4, %edx
	dec	%dx
	mov	%dx, %ds
	mov	%dx, %es
	mov	%dx, %ss
	mov	$16 + 2048, %esp	// UNDI_STACK
	mov	$16, %eax
	calll	undi_exchange
	cli
	xor	%esp, %esp
	lss	%cs:real_stack, %sp
	sub	$2, %sp			// our return address
	sti
	ret

// uint16_t undi_call(uint16_t opcode [ax], void *parameters [edx]): from the 16-bit C code, on the
// ROM's stack.
	.globl	undi_call
undi_call:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	mov	%esp, %ebp
	mov	%ss, %cx
	cli				// an interrupt may not see half of the stack pointer
	xor	%esp, %esp
	lss	%cs:real_stack, %sp
	sub	$2, %sp			// keep the return address of rm_exchange
	sti				// not before: lss has used up the one instruction of delay
	push	%cx
	pushl	%ebp
	push	%cx
	push	%dx
	push	%ax
	mov	%dx, %di
	mov	%ax, %bx
	lcall	*%cs:pxe_entry
	add	$6, %sp
	popl	%ebp
	pop	%cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	%cx, %ss
	mov	%ebp, %esp
	cld
	sti
	movzwl	%ax, %eax
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	retl

// void undi_copy(uint32_t to [eax, linear], uint32_t from [edx, seg:off], uint32_t length [ecx])
	.globl	undi_copy
undi_copy:
	pushl	%esi
	pushl	%edi
	push	%ds
	push	%es
	mov	%eax, %edi
	and	$15, %edi
	shr	$4, %eax
	mov	%ax, %es
	movzwl	%dx, %esi
	shr	$16, %edx
	mov	%dx, %ds
	mov	%cx, %dx
	shr	$2, %cx
	rep movsl
	mov	%dx, %cx
	and	$3, %cx
	rep movsb
	pop	%es
	pop	%ds
	popl	%edi
	popl	%esi
	retl

// Characters to the screen by teletype (right in every video mode); edx: linear, cx: how many, the
// high half of ecx: their colours, 0 where the screen's own will do. Teletype has no colours in text
// modes: what it puts in a place takes those of the character that is put there before.
	.globl	rm_print
rm_print:
	mov	%ecx, %ebx
	shr	$16, %ebx
	mov	%edx, %esi
	shr	$4, %edx
	mov	%dx, %ds
	and	$15, %esi
	jcxz	2f
1:	lodsb
	push	%bx
	push	%cx
	push	%si
	push	%ds
	test	%bl, %bl
	jz	3f
	cmp	$' ', %al
	jb	3f
	push	%ax
	mov	$1, %cx
	mov	$0x09, %ah
	int	$0x10
	pop	%ax
3:	mov	$0x0e, %ah
	mov	$7, %bx
	int	$0x10
	pop	%ds
	pop	%si
	pop	%cx
	pop	%bx
	loop	1b
2:	ret

// Rest until the next interrupt: the timer's at the latest, 55 ms. edx: irq_count as it was; if the
// card has interrupted since, there is no resting.
	.globl	rm_rest
rm_rest:
	mov	$irq_count_segment, %ax
	cli
	mov	%ax, %ds
	cmp	%edx, 0
	jne	1f
	sti				// takes effect after the next instruction
	hlt
1:	ret

// The card's interrupt (pic.c installs it): counted, masked until it is wanted again, and ended.
// Whoever asserts the line is seen to later.
	.globl	irq_handler, irq_port, irq_bit
irq_handler:
	push	%ax
	push	%dx
	push	%ds
	mov	$irq_count_segment, %ax
	mov	%ax, %ds
	incl	0
	mov	%cs:irq_port, %dx
	in	(%dx), %al
	or	%cs:irq_bit, %al
	out	%al, (%dx)
	mov	$0x20, %al		// end of interrupt
	cmp	$0x21, %dx
	je	1f
	out	%al, $0xa0
1:	out	%al, $0x20
	pop	%ds
	pop	%dx
	pop	%ax
	iret

// Linux's setup code (Documentation/arch/x86/boot.rst): dx: its segment, cx: stack pointer.
	.globl	rm_linux
rm_linux:
	cli
	mov	%dx, %ds
	mov	%dx, %es
	mov	%dx, %fs
	mov	%dx, %gs
	mov	%dx, %ss
	movzwl	%cx, %esp
	add	$0x20, %dx
	push	%dx
	push	$0
	xor	%eax, %eax
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%ebp, %ebp
	lretw

// Back to the PXE ROM as it called us; dx: its AX.
	.globl	rm_exit
rm_exit:
	lss	%cs:real_stack, %sp
	mov	%sp, %bp
	mov	%dx, 36(%bp)		// AX in the frame of pushal
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popal
	popfl
	lretw

	.globl	rm_int18
rm_int18:
	int	$0x18
1:	hlt
	jmp	1b

	.globl	rm_reset
rm_reset:
	cli
	ljmp	$0xf000, $0xfff0

// ---- exceptions of the 32-bit code ----------------------------------------------------------------
	.code32
	.globl	exception_stubs
exception_stubs:
	.rept	32
	.byte	0xe8			// call rel32: the return address tells the vector
	.long	exception - . - 4
	.endr
exception:
	pushal
	mov	%esp, %eax
	call	bios_exception
1:	hlt
	jmp	1b

	.bss
	.balign	16
	.globl	irq_count
irq_count:		.long 0		// 16-byte aligned: reached through a segment
	.globl	real_visits, stack_start, spare_stack, spare_stack_end
real_visits:		.long 0
protected_stack:	.long 0
stack_start:		.skip 24576
stack_end:
	.balign	16
spare_stack:		.skip 2048
spare_stack_end:

	.section .note.GNU-stack, "", @progbits
