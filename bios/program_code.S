// SPDX-License-Identifier: BSD-2-Clause
// The last steps to another boot program, which overwrites ours: this code is copied to the top of free
// base memory, with its data filled in (program.c), and runs there. Then the code that swaps the numbers
// of two disks.

	CODE16 = 0x08		// in the table that program.c makes: 64 KiB from this copy on
	DATA16 = 0x10
	REGISTERS = 0		// struct program_data
	STACK = 40
	TARGET = 44
	HERE = 48
	GDT = 52
	IDT = 58
	PIECES = 64
	SIZE = 136

	.section .text.program, "ax"
	.code32
	.globl	code_start, code_data, code_end, swap_start, swap_data, swap_end

	// void code_start(uint32_t here [eax])
code_start:
	mov	%eax, %ebx
	lea	PIECES + code_data - code_start(%ebx), %edx
1:	mov	0(%edx), %esi
	mov	4(%edx), %ecx
	mov	8(%edx), %edi
	add	$12, %edx
	jecxz	2f
	rep movsb
	jmp	1b
2:	lgdt	GDT + code_data - code_start(%ebx)
	ljmp	$CODE16, $3f - code_start
	.code16
3:	mov	$DATA16, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %fs
	mov	%ax, %gs
	mov	%ax, %ss
	mov	%cr0, %eax
	and	$~1, %al
	mov	%eax, %cr0
	ljmpw	*%cs:HERE + code_data - code_start
real:	lidtl	%cs:IDT + code_data - code_start
	mov	%cs, %ax
	mov	%ax, %ss
	mov	$REGISTERS + code_data - code_start, %esp
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popal
	lss	%cs:STACK + code_data - code_start, %sp
	sti
	ljmpw	*%cs:TARGET + code_data - code_start
	.globl	code_real
	code_real = real - code_start
	.balign	4
code_data:
	.skip	SIZE
code_end:

	// INT 13h with two drives exchanged. Who calls finds the number in DL that it had, unless the
	// function gives something else there.
	.balign	4
swap_start:
	cmp	$0x08, %ah
	je	3f
	cmp	$0x15, %ah
	je	3f
	push	%dx
	call	4f
	pushf
	lcall	*%cs:swap_data - swap_start
	push	%bp
	mov	%sp, %bp
	mov	2(%bp), %dl
	pop	%bp
	inc	%sp			// the carry flag stays
	inc	%sp
	sti
	lretw	$2
3:	call	4f
	ljmpw	*%cs:swap_data - swap_start
4:	cmp	%cs:swap_data - swap_start + 4, %dl
	je	5f
	cmp	%cs:swap_data - swap_start + 5, %dl
	jne	6f
	mov	%cs:swap_data - swap_start + 4, %dl
	ret
5:	mov	%cs:swap_data - swap_start + 5, %dl
6:	ret
	.balign	4
swap_data:
	.long	0			// the BIOS's own handler
	.byte	0, 0			// the two drives
swap_end:

	.section .note.GNU-stack, "", @progbits
