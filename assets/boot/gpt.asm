; The first sector of a stick with a GPT: says that a BIOS cannot start it.
;
; Bytes 0 to 439 of the protective MBR. Such a stick starts by UEFI, which never runs this code: only a BIOS does.
; It runs where it was loaded, uses no memory but the stack, and leaves the screen as it is.
;
; Assemble with: nasm -f bin -o gpt.bin gpt.asm

        bits 16
        org 0x7C00

start:
        xor ax, ax
        mov ss, ax              ; keeps interrupts off until SP is set too
        mov sp, 0x7C00
        mov ds, ax
        cld
        sti
        jmp 0x0000:.segment_is_zero     ; some firmware enters at 07C0:0000

.segment_is_zero:
        mov si, sentence
.next:
        lodsb
        test al, al
        jz .wait
        mov ah, 0x0E            ; teletype output
        mov bx, 0x0007          ; page 0, light grey
        int 0x10
        jmp .next
.wait:
        mov ah, 0x00            ; waits for a key
        int 0x16
        int 0x18                ; on with the next device, if the firmware knows one
.halt:
        hlt
        jmp .halt

sentence:
        db 13, 10, "Sticksmith: this stick starts by UEFI only.", 13, 10
        db "Choose its UEFI entry in the boot menu, or make the stick again with an MBR.", 13, 10
        db "Press a key.", 13, 10, 0

        times 440 - ($ - $$) db 0       ; fails if the code grows into the disk signature
