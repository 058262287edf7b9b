// SPDX-License-Identifier: BSD-2-Clause
// A boot sector that says on the first serial port what it found when it was started: its own word (from
// byte 400 on), the drive in DL, what EAX was, where the partition begins that DS:SI names, and, asked of
// the BIOS, the word in the MBR of that drive.
	.code16
	.globl	_start
_start:
	mov	%eax, %ebp
	mov	8(%si), %edi
	xor	%cx, %cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	$0x7c00 + 400, %si
	call	print
	call	blank
	mov	%dl, %al
	call	hex
	call	blank
	mov	%ebp, %eax
	call	hex32
	mov	%edi, %eax
	call	hex32
	mov	$0x0201, %ax
	mov	$0x8000, %bx
	mov	$1, %cx
	mov	$0, %dh
	int	$0x13
	mov	$0x8000 + 400, %si
	call	print
	call	blank
	mov	%dl, %al		// the BIOS has left it
	call	hex
	mov	$'.', %al
	call	put
1:	hlt
	jmp	1b

print:	lodsb
	test	%al, %al
	jz	2f
	call	put
	jmp	print
2:	ret

blank:	mov	$' ', %al
	jmp	put

hex32:	mov	$4, %cx
3:	rol	$8, %eax
	push	%ax
	call	hex
	pop	%ax
	loop	3b
	jmp	blank

hex:	push	%ax
	shr	$4, %al
	call	4f
	pop	%ax
4:	and	$15, %al
	add	$'0', %al
	cmp	$'9', %al
	jbe	put
	add	$'a' - '0' - 10, %al

put:	push	%dx
	push	%ax
	mov	$0x3fd, %dx
5:	in	(%dx), %al
	test	$0x20, %al
	jz	5b
	pop	%ax
	mov	$0x3f8, %dx
	out	%al, (%dx)
	pop	%dx
	ret
