; The boot sector of a FAT32 volume and its continuation: loads the file BOOTMGR and enters it.
;
; The first 512 bytes are the volume's sector 0; bytes 3 to 59h of them (the BPB) are the program's to fill. The second
; 512 bytes belong at the start of sector 2 (sector 1 is FSInfo). Sectors may have 512 or 4096 bytes; everything about
; the volume is taken from the BPB. The file may lie anywhere and in pieces: its chain in the FAT is followed.
; Whatever goes wrong ends in a sentence on the screen; a key then hands over to the firmware's next device.
;
; Wanted at the entry: this sector at 0000:7C00, DL = drive. Nothing else, so any MBR will do, or none.
;
; Memory (segment 0 up to 10000):
;   ....7BDF    stack, while loading
;   7BE0..7BFF  variables, addressed by BP = 7C00
;   7C00..7DFF  sector 0 with the BPB; stays for BOOTMGR
;   7E00..7FFF  the continuation (8DFF where sectors have 4096 bytes)
;   A000..AFFF  one sector of the FAT
;   C000..FFFF  a piece of the root directory
;   20000....   the file, up to where INT 12h says memory ends
;
; Handed on: CS:IP = 2000:0000, DS = ES = SS = 0, SP = 7C00, DL = drive (also in the BPB, byte 40h), DH = 0,
; interrupts on, direction flag clear, text mode, line A20 on. Byte 7C02 is 1 if the drive is read by LBA, 0 if by
; CHS, because BOOTMGR of Windows 8 is reported to look there (for exFAT; here it costs nothing).
;
; Assemble with: nasm -f bin -o fat32.bin fat32.asm

        bits 16
        org 0x7C00

BASE            equ 0x7C00
; The BPB, from BP.
BY_LBA          equ 0x02        ; byte; the third byte of the jump, which is not needed any more
SECTOR_BYTES    equ 0x0B        ; word
CLUSTER_SECTORS equ 0x0D        ; byte
RESERVED        equ 0x0E        ; word
FATS            equ 0x10        ; byte
BPB_TRACK       equ 0x18        ; word, sectors a track
BPB_HEADS       equ 0x1A        ; word
HIDDEN          equ 0x1C        ; dword
TOTAL_SECTORS   equ 0x20        ; dword
FAT_SECTORS     equ 0x24        ; dword
EXT_FLAGS       equ 0x28        ; word; bit 7: only the FAT of bits 0 to 3 is kept up to date
ROOT_CLUSTER    equ 0x2C        ; dword
DRIVE           equ 0x40        ; byte
; Variables, from BP.
TRACK           equ -2          ; word, sectors a track
HEADS           equ -4          ; word
SECTOR_PARAS    equ -6          ; word, sixteenths of a sector's bytes
TRIES_LEFT      equ -8          ; byte
NOW             equ -10         ; word, sectors of one call
FAT_START       equ -14         ; dword, sector of the volume
DATA_START      equ -18         ; dword, sector of the volume
FAT_HELD        equ -22         ; dword, which sector of the FAT is at FAT_BUFFER
PROBE           equ -24         ; word, for A20
STACK           equ BASE - 0x20

FAT_BUFFER      equ 0xA000
DIRECTORY       equ 0xC000
FILE_SEGMENT    equ 0x2000
MOST_SECTORS    equ 4096        ; of a directory: 2 MiB, the most it may have, in sectors of 512 bytes

        jmp short start
        nop
        times 0x5A - ($ - $$) db 0

start:
        xor cx, cx
        mov ss, cx              ; keeps interrupts off until SP is set too
        mov sp, STACK
        mov bp, BASE
        mov ds, cx
        mov es, cx
        sti
        cld
        jmp 0x0000:.segment_is_zero     ; some firmware enters at 07C0:0000

.segment_is_zero:
        mov [bp + DRIVE], dl
        mov [bp + BY_LBA], cl
        mov ax, 0x0003          ; text mode, 80 by 25, cleared
        int 0x10
        mov ax, [bp + SECTOR_BYTES]
        shr ax, 4
        mov [bp + SECTOR_PARAS], ax

        mov ah, 0x41            ; are there extensions (reading by LBA)?
        mov bx, 0x55AA
        call disk
        jc .by_chs
        cmp bx, 0xAA55
        jne .by_chs
        test cl, 1
        jz .by_chs
        inc byte [bp + BY_LBA]
        jmp .drive_known

.by_chs:
        mov ah, 0x08            ; geometry: CL = sectors a track, DH = last head; ES may change
        call disk
        jc unreadable
        and cx, 0x3F
        jz unreadable
        mov [bp + TRACK], cx
        movzx dx, dh
        inc dx
        mov [bp + HEADS], dx

.drive_known:
        mov eax, 2
        mov bx, (BASE + 512) / 16
        mov cx, 1
        call read
        cmp word [magic], 'SM'
        je continuation
        call fail
        db "bad sector 2.", 0

unreadable:
        call fail
        db "read error.", 0

; Reads CX sectors, counted from the volume's start by EAX, to BX:0000. The caller sees to it that they do not cross
; a boundary of 64 KiB. Keeps all registers; does not return if the drive cannot read them.
read:
        pushad
        xor edx, edx
        add eax, [bp + HIDDEN]
        adc edx, edx            ; EDX:EAX = sector of the drive
.next:
        mov byte [bp + TRIES_LEFT], 5
.try:
        mov [bp + NOW], cx
        pushad
        cmp byte [bp + BY_LBA], 0
        je .by_chs
        push edx
        push eax
        push bx                 ; segment
        push word 0             ; offset
        push cx                 ; sectors
        push word 16            ; size of this packet
        mov si, sp
        mov ah, 0x42
        call disk
        lea sp, [esp + 16]      ; leaves the carry flag
        jmp .answer

.by_chs:
        movzx edi, word [bp + TRACK]
        div edi                 ; EAX = track, EDX = sector in it
        sub di, dx              ; no call goes beyond the track's end
        cmp di, cx
        jae .within_track
        mov [bp + NOW], di
.within_track:
        inc dx
        mov cl, dl
        xor edx, edx
        movzx edi, word [bp + HEADS]
        div edi                 ; EAX = cylinder, DL = head
        cmp eax, 1023
        ja unreadable
        mov ch, al
        shl ah, 6
        or cl, ah
        mov dh, dl
        mov es, bx
        xor bx, bx
        mov al, [bp + NOW]
        mov ah, 0x02
        call disk

.answer:
        push ds
        pop es
        popad
        jnc .read
        dec byte [bp + TRIES_LEFT]
        jz unreadable
        pushad
        mov ah, 0x00            ; reset
        call disk
        popad
        jmp .try
.read:
        movzx edi, word [bp + NOW]
        add eax, edi
        adc edx, 0
        sub cx, di
        imul di, [bp + SECTOR_PARAS]
        add bx, di
        test cx, cx
        jnz .next
        popad
        ret
; INT 13h on the drive that the firmware named.
disk:
        mov dl, [bp + DRIVE]
        int 0x13
        ret

; Enters BOOTMGR if line A20 is on; gives it time to come on.
leave_if_on:
        push word 0xFFFF
        pop es
        xor cx, cx
.again:
        mov ax, [es:BASE + PROBE + 16]  ; one MiB above PROBE, and the same place if A20 is off
        inc word [bp + PROBE]
        cmp ax, [es:BASE + PROBE + 16]
        loopne .again
        jne .off
        push ds
        pop es
        movzx dx, byte [bp + DRIVE]
        mov sp, bp
        cld
        sti                     ; some firmware leaves interrupts off after INT 13h
        jmp FILE_SEGMENT:0x0000
.off:
        ret

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

        times 510 - ($ - $$) db 0
        dw 0xAA55

; ---- sector 2 -------------------------------------------------------------------------------------------------------

continuation:
        movzx eax, word [bp + RESERVED]
        movzx ecx, byte [bp + FATS]
        imul ecx, [bp + FAT_SECTORS]
        add ecx, eax
        mov [bp + DATA_START], ecx
        mov cl, [bp + EXT_FLAGS]
        test cl, 0x80
        jz .fats_are_alike
        and ecx, 0x0F
        imul ecx, [bp + FAT_SECTORS]
        add eax, ecx
.fats_are_alike:
        mov [bp + FAT_START], eax
        or dword [bp + FAT_HELD], -1

        mov esi, [bp + ROOT_CLUSTER]
        mov di, MOST_SECTORS
        mov bx, DIRECTORY / 16
        call load
not_found:
        call fail
        db "no file "
name:   db "BOOTMGR    ", 0     ; as in a directory

; DI = the directory's entry of BOOTMGR.
found:
        mov sp, STACK
        push word [di + 20]
        push word [di + 26]
        pop esi                 ; first cluster
        mov eax, [di + 28]      ; bytes
        sub eax, 1
        jb damaged              ; it is empty
        xor edx, edx
        movzx ecx, word [bp + SECTOR_BYTES]
        div ecx
        inc eax
        xchg eax, edi           ; sectors
        int 0x12                ; AX = KiB of memory
        shl ax, 6
        mov bx, FILE_SEGMENT
        sub ax, bx
        jb too_large
        xor dx, dx
        div word [bp + SECTOR_PARAS]
        movzx eax, ax           ; sectors that there is room for
        cmp edi, eax
        ja too_large
        call load
        test di, di
        jz a20
damaged:
        call fail
        db "BOOTMGR is damaged.", 0
too_large:
        call fail
        db "too little memory.", 0

; Reads a chain of clusters: ESI = the first, DI = sectors wanted, BX = segment. The file goes there; of a directory
; each piece does, and is searched for BOOTMGR. Returns DI = sectors that the chain was too short by.
load:
        cmp esi, 0x0FFFFFF8     ; the chain's end
        jae .end
        movzx ecx, byte [bp + CLUSTER_SECTORS]
        lea eax, [esi - 2]
        mul ecx
        jc damaged
        add eax, [bp + DATA_START]
        jc damaged              ; clusters 0 and 1 end here or one line above
        cmp eax, [bp + TOTAL_SECTORS]
        jae damaged
        ; EAX = sector, CX = sectors at a stretch: clusters that follow each other are read as one.
.lengthen:
        cmp cx, di
        jae .whole_rest
        call next_cluster
        inc esi
        cmp edx, esi
        mov esi, edx
        jne .stretch
        movzx dx, byte [bp + CLUSTER_SECTORS]
        add cx, dx
        jmp .lengthen
.whole_rest:
        mov cx, di
.stretch:
        sub di, cx
.piece:
        push cx
        ; Up to the next boundary of 32 KiB, so that no call crosses one of 64 KiB or asks for more than 127 sectors.
        push eax
        mov ax, bx
        or ax, 0xF800
        neg ax
        xor dx, dx
        div word [bp + SECTOR_PARAS]
        cmp cx, ax
        jbe .last_piece
        xchg ax, cx
.last_piece:
        pop eax
        call read
        cmp bh, DIRECTORY >> 12
        je .search
        mov dx, cx
        imul dx, [bp + SECTOR_PARAS]
        add bx, dx
.next_piece:
        add eax, ecx            ; the upper half of ECX is zero throughout
        pop dx
        sub dx, cx
        mov cx, dx
        jnz .piece
        test di, di
        jnz load
.end:
        ret

.search:
        pusha
        imul cx, [bp + SECTOR_PARAS]
        shr cx, 1               ; entries
        mov di, DIRECTORY
.entry:
        cmp byte [di], 0        ; no more entries
        je not_found
        test byte [di + 11], 0x18       ; volume label or directory; a long name's entry counts as a label
        jnz .next_entry
        pusha
        mov si, name
        mov cx, 11
        repe cmpsb
        popa
        je found
.next_entry:
        add di, 32
        loop .entry
        popa
        jmp .next_piece

; EDX = the entry of cluster ESI in the FAT. Keeps all else.
next_cluster:
        push eax
        push ecx
        push bx
        mov eax, esi
        shl eax, 2
        xor edx, edx
        movzx ecx, word [bp + SECTOR_BYTES]
        div ecx                 ; EAX = sector of the FAT, EDX = byte in it
        cmp eax, [bp + FAT_HELD]
        je .held
        mov [bp + FAT_HELD], eax
        add eax, [bp + FAT_START]
        mov bx, FAT_BUFFER / 16
        mov cx, 1
        call read
.held:
        mov bx, dx
        mov edx, [bx + FAT_BUFFER]
        and edx, 0x0FFFFFFF
        pop bx
        pop ecx
        pop eax
        ret

a20:
        call leave_if_on
        mov ax, 0x2401          ; the BIOS
        int 0x15
        call leave_if_on
        in al, 0x92             ; the chipset's port
        or al, 2
        and al, 0xFE            ; bit 0 would restart the machine
        out 0x92, al
        call leave_if_on
        mov al, 0xD1            ; the keyboard controller
        call keyboard_ready
        out 0x64, al
        mov al, 0xDF
        call keyboard_ready
        out 0x60, al
        call leave_if_on
        call fail
        db "A20 stays off.", 0

; Waits until the keyboard controller takes a byte, but not forever. Keeps AL.
keyboard_ready:
        mov ah, al
        xor cx, cx
.again:
        in al, 0x64
        test al, 2
        loopnz .again
        mov al, ah
        ret

        times 1020 - ($ - $$) db 0

magic:  db 'SM'               ; sector 2 is the one that belongs to this sector 0
        dw 0xAA55
