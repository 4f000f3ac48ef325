; The first sector of a stick with an MBR: starts the one active partition.
;
; Bytes 0 to 439 of the sector. Disk signature (440), partition table (446) and 55AA (510) are the program's to fill.
; Whatever goes wrong ends in a sentence on the screen; a key then hands over to the firmware's next device.
;
; Memory, segment 0 throughout:
;   0600..07FF  this sector, moved out of the way; the partition table is read here (07BE)
;   0800..0802  two variables
;   ....7BFF    stack
;   7C00..7DFF  the partition's first sector (to 8BFF where sectors have 4096 bytes)
;
; Handed on: DX as the firmware gave it (DL = drive, which may be 0 on a stick that plays a floppy disk),
; DS:SI = the active entry, DS = ES = SS = 0, SP = 7C00, interrupts on.
;
; Assemble with: nasm -f bin -o mbr.bin mbr.asm

        bits 16
        org 0x0600

PARTITION_TABLE equ 0x0600 + 446
FIRMWARE_DX     equ 0x0800      ; word
TRIES_LEFT      equ 0x0802      ; byte
LOADED          equ 0x7C00

start:
        xor ax, ax
        mov ss, ax              ; keeps interrupts off until SP is set too
        mov sp, LOADED
        mov ds, ax
        mov es, ax
        mov si, sp
        mov di, start
        mov cx, 512 / 2
        cld
        rep movsw
        jmp 0x0000:moved        ; some firmware enters at 07C0:0000

moved:
        sti
        mov [FIRMWARE_DX], dx

        ; Exactly one entry is 80h, all others are 00h.
        mov si, PARTITION_TABLE
        xor bp, bp
        mov cx, 4
.entry:
        mov al, [si]
        test al, al
        jz .next_entry
        cmp al, 0x80
        jne table_damaged
        test bp, bp
        jnz several_active
        mov bp, si
.next_entry:
        add si, 16
        loop .entry
        test bp, bp
        jnz load

        call fail
        db "no active partition on this stick.", 0
several_active:
        call fail
        db "several active partitions.", 0
table_damaged:
        call fail
        db "bad partition table.", 0

; BP = the active entry.
load:
        mov byte [TRIES_LEFT], 5
.try:
        ; This sector ends in 55AA as well: a read that leaves nothing must not find it.
        mov word [LOADED + 510], 0
        mov ah, 0x41            ; are there extensions (reading by LBA)?
        mov bx, 0x55AA
        call disk
        jc .by_chs
        cmp bx, 0xAA55
        jne .by_chs
        test cl, 1
        jz .by_chs

        push dword 0            ; LBA, upper half
        push dword [bp + 8]     ; LBA, lower half
        push word 0             ; segment
        push word LOADED        ; offset
        push word 1             ; sectors
        push word 16            ; size of this packet
        mov si, sp
        mov ah, 0x42
        jmp .read

.by_chs:
        mov ah, 0x08            ; geometry: CL = sectors a track, DH = last head
        call disk
        push ds                 ; 08h may return a pointer in ES
        pop es
        jc unreadable
        and cx, 0x3F
        jz unreadable
        movzx ecx, cx
        movzx edi, dh
        inc di                  ; heads
        mov eax, [bp + 8]
        xor edx, edx
        div ecx                 ; EAX = track, EDX = sector in it
        inc dx
        mov cl, dl
        xor edx, edx
        div edi                 ; EAX = cylinder, DL = head
        cmp eax, 1023
        ja unreadable
        mov ch, al
        shl ah, 6
        or cl, ah
        mov dh, dl
        mov bx, LOADED
        mov ax, 0x0201
.read:
        call disk
        mov sp, LOADED          ; drops the packet; leaves the carry flag
        jnc check
        mov ah, 0x00            ; reset
        call disk
        dec byte [TRIES_LEFT]
        jnz .try
unreadable:
        call fail
        db "read error.", 0

; INT 13h on the drive that the firmware named.
disk:
        mov dl, [FIRMWARE_DX]
        int 0x13
        ret

check:
        cmp word [LOADED + 510], 0xAA55
        je .start
        call fail
        db "the partition has no boot code.", 0
.start:
        mov si, bp
        mov dx, [FIRMWARE_DX]
        jmp 0x0000:LOADED

; Prints the sentence that stands after the call.
fail:
        mov si, prefix
        call print
        pop si
        call print
        mov si, suffix
        call print
        mov ah, 0x00            ; waits for a key
        int 0x16
        int 0x18                ; on with the next device, if the firmware knows one
.halt:
        hlt
        jmp .halt

print.character:
        mov ah, 0x0E            ; teletype output
        mov bx, 0x0007          ; page 0, light grey
        int 0x10
print:
        lodsb
        test al, al
        jnz print.character
        ret

prefix: db 13, 10, "Sticksmith: ", 0
suffix: db " Press a key.", 0

        times 440 - ($ - $$) db 0       ; fails if the code grows into the disk signature
