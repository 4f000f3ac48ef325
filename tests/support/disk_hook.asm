; Stands before a stick under test and watches how its boot code reads it: 4096 bytes that are put in front of the
; stick's bytes. It hooks INT 13h, then starts the stick's own first sector, which sees a disk that begins after these
; 4096 bytes. Every call is told on port E9h:
;   L  read by LBA (42h)        C  read by CHS (02h)        R  reset (00h)        F  answered with an error, see FAIL
; and every fault of the caller's:
;   X  the buffer crosses 64 KiB    N  more than 127 sectors    T  beyond the end of the track    D  wrong drive
;
; What kind of disk it plays (nasm -D):
;   DRIVE=n     the drive number, 80h if not given
;   NO_LBA      no extensions; the geometry is 1024 cylinders of 16 heads of 63 sectors
;   SECTOR=4096 sectors of 4096 bytes
;   FAIL        every other read fails
;   EMPTY       reads succeed and leave nothing
;   MEMORY=n    INT 12h says n KiB
;   A20=1       line A20 is off; A20=2: and INT 15h does not turn it on

%ifndef DRIVE
%define DRIVE 0x80
%endif
%ifndef SECTOR
%define SECTOR 512
%endif
%ifndef A20
%define A20 0
%endif
TRACK   equ 63
HEADS   equ 16
FACTOR  equ SECTOR / 512

        bits 16
        org 0

        xor ax, ax
        mov ss, ax
        mov sp, 0x7C00
        mov ds, ax
        cld
        sti
        dec word [0x413]                ; one KiB of the memory's end is ours
        mov ax, [0x413]
        shl ax, 6
        mov es, ax
        mov si, 0x7C00
        xor di, di
        mov cx, 512
        rep movsb
        push es
        push word placed
        retf

placed:
        mov eax, [0x13 * 4]
        mov [es:old_13], eax
        mov word [0x13 * 4], hook_13
        mov [0x13 * 4 + 2], es
%ifdef MEMORY
        mov word [0x413], MEMORY
%endif
%if A20 > 0
        mov ax, 0x2400
        int 0x15
%endif
%if A20 > 1
        mov eax, [0x15 * 4]
        mov [es:old_15], eax
        mov word [0x15 * 4], hook_15
        mov [0x15 * 4 + 2], es
%endif
        ; The stick's first sector, as the firmware would load it.
        push dword 0
        push dword 8
        push word 0
        push word 0x7C00
        push word FACTOR
        push word 16
        mov si, sp
        mov ah, 0x42
        mov dl, 0x80
        pushf
        call far [cs:old_13]
        mov sp, 0x7C00
        mov dx, 0x5A00 | DRIVE         ; the upper half is no matter of ours
        mov ax, 0xAA55                  ; registers that hold nothing of use
        mov ds, ax
        mov es, ax
        mov bp, ax
        jmp 0x07C0:0x0000               ; as some firmware does

%if A20 > 1
hook_15:
        cmp ax, 0x2401
        je refuse
        jmp far [cs:old_15]
%endif

hook_13:
        cmp dl, DRIVE
        je .right_drive
        mov al, 'D'
        out 0xE9, al
        jmp refuse
.right_drive:
        cmp ah, 0x42
        je by_lba
        cmp ah, 0x02
        je by_chs
%ifdef NO_LBA
        cmp ah, 0x41
        je refuse
        cmp ah, 0x08
        je geometry
%endif
        test ah, ah
        jnz .pass
        push ax
        mov al, 'R'
        out 0xE9, al
        pop ax
.pass:
        mov dl, 0x80
        jmp far [cs:old_13]

refuse:
        mov ah, 1
        stc
        retf 2

geometry:
        mov cx, 0xFFC0 + TRACK
        mov dx, (HEADS - 1) << 8 | 1
        mov di, 0x5555                  ; a pointer, as for a floppy disk
        mov es, di
        mov ah, 0
        clc
        retf 2

by_lba:
%ifdef NO_LBA
        jmp refuse
%endif
        pushad
        push ds
        push es
        mov al, 'L'
        out 0xE9, al
        mov ecx, [si + 8]
        mov edx, [si + 12]
        mov bx, [si + 2]
        les di, [si + 4]
        jmp read

by_chs:
        pushad
        push ds
        push es
        mov ah, 'C'
        xchg al, ah
        out 0xE9, al
        movzx edi, ah                   ; sectors
        movzx eax, cl
        shr al, 6
        shl ax, 8
        mov al, ch                      ; cylinder
        imul eax, HEADS
        movzx esi, dh
        add eax, esi
        imul eax, TRACK
        and ecx, 63
        dec cx
        add eax, ecx
        add cx, di
        cmp cx, TRACK
        jbe .in_track
        mov al, 'T'
        out 0xE9, al
.in_track:
        xchg eax, ecx
        xor edx, edx
        xchg bx, di                     ; BX = sectors, ES:DI = buffer

; EDX:ECX = sector, BX = sectors, ES:DI = buffer. On the stack: ES, DS, all registers.
read:
%if FACTOR = 8
        shld edx, ecx, 3
        shl ecx, 3
        shl bx, 3
%endif
        add ecx, 8
        adc edx, 0
        cmp bx, 127
        jbe .not_many
        mov al, 'N'
        out 0xE9, al
.not_many:
        mov ax, es
        shl ax, 4
        add ax, di                      ; the address, modulo 64 KiB
        movzx esi, ax
        movzx eax, bx
        shl eax, 9
        add eax, esi
        cmp eax, 0x10000
        jbe .not_crossing
        mov al, 'X'
        out 0xE9, al
.not_crossing:
%ifdef FAIL
        xor byte [cs:odd], 1
        jz .good
        mov al, 'F'
        out 0xE9, al
        stc
        jmp .answer
.good:
%endif
%ifdef EMPTY
        clc
        jmp .answer
%endif
        push edx
        push ecx
        push es
        push di
        push bx
        push word 16
        push ss
        pop ds
        mov si, sp
        mov ah, 0x42
        mov dl, 0x80
        pushf
        call far [cs:old_13]
        lea sp, [esp + 16]
.answer:
        pop es
        pop ds
        popad
        mov ah, 0
        retf 2

old_13: dd 0
old_15: dd 0
odd:    db 0

        times 510 - ($ - $$) db 0
        dw 0xAA55
        times 4096 - ($ - $$) db 0x5A
