package org.example.vm;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A disk that is only a boot sector. Its guest prints a line on the serial console and then echoes
 * its input. q powers the machine off, and r restarts it. The guest ignores the power button.
 */
final class BootSector {
  private static final int SECTOR = 512;

  /** A BIOS does not boot from a smaller one. */
  private static final int SIZE = 1 << 20;

  private static final String CODE =
      "31c0 8ed8" // xor ax,ax; mov ds,ax
          + "be4b7c" // mov si,text
          + "ac 84c0 7405" // lodsb; test al,al; jz wait
          + "e82d00 ebf6" // call print; jmp lodsb
          + "fb f4" // wait: sti; hlt
          + "bafd03 ec a801 74f6" // look: mov dx,3fd; in al,dx; test al,1; jz wait
          + "baf803 ec" // mov dx,3f8; in al,dx
          + "3c71 740a" // cmp al,'q'; jz off
          + "3c72 740f" // cmp al,'r'; jz reset
          + "e81200 ebe7 90" // call print; jmp look; nop
          + "ba0406 b80020 ef ebdd" // off: mov dx,604; mov ax,2000; out dx,ax; jmp look
          + "b0fe e664 ebd7" // reset: mov al,fe; out 64,al; jmp look
          + "50 bafd03 ec a820 74fb" // print: push ax; mov dx,3fd; in al,dx; test al,20; jz in
          + "58 baf803 ee c3"; // pop ax; mov dx,3f8; out dx,al; ret

  private BootSector() {}

  /**
   * Creates the disk.
   *
   * @param text the line
   */
  static byte[] saying(String text) {
    byte[] code = HexFormat.of().parseHex(CODE.replace(" ", ""));
    byte[] line = (text + "\r\n\0").getBytes(StandardCharsets.US_ASCII);
    byte[] disk = new byte[SIZE];
    System.arraycopy(code, 0, disk, 0, code.length);
    System.arraycopy(line, 0, disk, code.length, line.length);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return disk;
  }
}
