; The first sector of the demo image: proves that a stick starts.
;
; Prints one line, on the screen through the BIOS and on the first serial port, and halts. Bytes 440 to 509 (disk
; signature, partition table) are left zero for whoever makes the image; some firmware starts a stick only if one of its
; partitions is active.
;
; Assemble with: nasm -f bin -o demo.bin demo.asm

        bits 16
        org 0x7C00

start:
        cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        cld
        ; Some firmware enters at 07C0:0000. The string's address counts from segment zero.
        jmp 0x0000:.segment_is_zero

.segment_is_zero:
        mov ax, 0x0003          ; text mode, 80 by 25, cleared
        int 0x10
        mov si, line
.next_on_screen:
        lodsb
        test al, al
        jz .serial_port
        mov ah, 0x0E            ; teletype output
        mov bx, 0x0007          ; page 0, light grey
        int 0x10
        jmp .next_on_screen

.serial_port:
        mov ax, 0x00E3          ; set up: 9600 baud, 8 bits, no parity, 1 stop bit
        xor dx, dx              ; the first port
        int 0x14
        mov si, line
.next_on_serial_port:
        lodsb
        test al, al
        jz .halt
        mov ah, 0x01            ; send
        xor dx, dx
        int 0x14
        test ah, 0x80           ; time-out: no port, or nobody listens; the next character would wait as long
        jz .next_on_serial_port

.halt:
        hlt                     ; interrupts stay on, so that Ctrl+Alt+Del still restarts the machine
        jmp .halt

line:   db "Sticksmith practice stick: this stick starts.", 13, 10, 0

        times 440 - ($ - $$) db 0       ; fails if the code grows into the disk signature
        times 510 - ($ - $$) db 0
        dw 0xAA55
