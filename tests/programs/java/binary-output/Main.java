import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Bytes that are no text: a bitmap picture and a record file, with a hex dump on stderr. */
public class Main {
    private static final int SIDE = 24;

    static byte[] bitmap() {
        int rowBytes = (SIDE * 3 + 3) / 4 * 4;
        int size = 54 + rowBytes * SIDE;
        var buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put((byte) 'B').put((byte) 'M').putInt(size).putInt(0).putInt(54);
        buffer.putInt(40).putInt(SIDE).putInt(SIDE).putShort((short) 1).putShort((short) 24);
        buffer.putInt(0).putInt(rowBytes * SIDE).putInt(2835).putInt(2835).putInt(0).putInt(0);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean inside = (x - 12) * (x - 12) + (y - 12) * (y - 12) < 100;
                buffer.put((byte) (inside ? 0xff : x * 10)).put((byte) (inside ? 0x80 : y * 10)).put((byte) (x ^ y));
            }
            buffer.position((buffer.position() - 54 + 3) / 4 * 4 + 54);
        }
        return buffer.array();
    }

    static byte[] records() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeDouble(Math.E);
            out.writeFloat(-0.0f);
            out.writeLong(Long.MIN_VALUE);
            out.writeUTF("z\u00fcrich \0 \ud83d\ude00");
            for (int i = 0; i < 256; i++) {
                out.writeByte(i);
            }
        }
        return bytes.toByteArray();
    }

    static void block(OutputStream out, byte[] content) throws IOException {
        var crc = new CRC32();
        crc.update(content);
        out.write(ByteBuffer.allocate(8).putInt(content.length).putInt((int) crc.getValue()).array());
        out.write(content);
    }

    static void dump(byte[] content, int limit) {
        var hex = HexFormat.ofDelimiter(" ");
        for (int at = 0; at < Math.min(limit, content.length); at += 16) {
            int end = Math.min(at + 16, content.length);
            System.err.printf("%06x  %s%n", at, hex.formatHex(content, at, end));
        }
    }

    public static void main(String[] args) throws IOException {
        byte[] bitmap = bitmap();
        byte[] records = records();
        try (var out = new BufferedOutputStream(System.out)) {
            block(out, bitmap);
            block(out, records);
        }
        dump(bitmap, 64);
        dump(records, 64);
    }
}
