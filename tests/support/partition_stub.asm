; A partition's first sector that tells, on port E9h, how the MBR entered it, and ends the emulator: the words CS IP DS
; ES SS SP DX, then the status, the type and the first sector of the entry at DS:SI, all as hexadecimal digits.

        bits 16
        org 0x7C00

        mov [cs:stack], sp
        mov sp, 0x6000
        push word [si + 8]
        push word [si + 10]
        mov al, [si + 4]
        mov ah, [si]
        push ax
        push dx
        push word [cs:stack]
        push ss
        push es
        push ds
        call .here
.here:  pop ax
        sub ax, .here - 0x7C00
        push ax
        push cs

        mov cx, 10
.word:  pop ax
        mov bx, 4
.digit: rol ax, 4
        push ax
        and al, 15
        cmp al, 10
        sbb al, 0x69
        das
        out 0xE9, al
        pop ax
        dec bx
        jnz .digit
        mov al, ' '
        out 0xE9, al
        loop .word
        mov al, 0x31
        out 0xF4, al
        hlt

stack:  dw 0
        times 510 - ($ - $$) db 0
        dw 0xAA55
