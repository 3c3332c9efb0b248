using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

static class Checksums
{
    static readonly uint[] table = BuildTable();

    static uint[] BuildTable()
    {
        var t = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int k = 0; k < 8; k++)
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            t[i] = c;
        }
        return t;
    }

    public static uint Crc32(IEnumerable<byte> data)
    {
        uint c = 0xFFFFFFFFu;
        foreach (byte b in data) c = table[(c ^ b) & 0xFF] ^ (c >> 8);
        return ~c;
    }

    public static uint Adler32(byte[] data)
    {
        uint a = 1, b = 0;
        foreach (byte x in data)
        {
            a = (a + x) % 65521;
            b = (b + a) % 65521;
        }
        return b << 16 | a;
    }
}

class PngWriter
{
    readonly Stream target;
    public PngWriter(Stream target) { this.target = target; }

    static byte[] BigEndian(uint v) => new[] { (byte)(v >> 24), (byte)(v >> 16), (byte)(v >> 8), (byte)v };

    void Chunk(string type, byte[] body)
    {
        byte[] tagged = Encoding.ASCII.GetBytes(type).Concat(body).ToArray();
        target.Write(BigEndian((uint)body.Length), 0, 4);
        target.Write(tagged, 0, tagged.Length);
        target.Write(BigEndian(Checksums.Crc32(tagged)), 0, 4);
    }

    static byte[] Stored(byte[] raw)
    {
        var ms = new MemoryStream();
        ms.WriteByte(0x78);
        ms.WriteByte(0x01);
        for (int at = 0; at < raw.Length; at += 65535)
        {
            int n = Math.Min(65535, raw.Length - at);
            ms.WriteByte((byte)(at + n == raw.Length ? 1 : 0));
            ms.Write(BitConverter.GetBytes((ushort)n), 0, 2);
            ms.Write(BitConverter.GetBytes((ushort)~n), 0, 2);
            ms.Write(raw, at, n);
        }
        ms.Write(BigEndian(Checksums.Adler32(raw)), 0, 4);
        return ms.ToArray();
    }

    public void Write(int width, int height, Func<int, int, byte> pixel)
    {
        byte[] signature = { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10 };
        target.Write(signature, 0, signature.Length);
        Chunk("IHDR", BigEndian((uint)width).Concat(BigEndian((uint)height)).Concat(new byte[] { 8, 0, 0, 0, 0 }).ToArray());
        var raw = new MemoryStream();
        for (int y = 0; y < height; y++)
        {
            raw.WriteByte(0);
            for (int x = 0; x < width; x++) raw.WriteByte(pixel(x, y));
        }
        Chunk("IDAT", Stored(raw.ToArray()));
        Chunk("IEND", new byte[0]);
    }
}

static class Program
{
    static void Main()
    {
        var buffer = new MemoryStream();
        new PngWriter(buffer).Write(64, 48, (x, y) => (byte)(x * 4 ^ y * 5));
        for (int b = 0; b < 256; b++) buffer.WriteByte((byte)b);
        foreach (byte b in new byte[] { 0xC0, 0x80, 0xED, 0xA0, 0x80, 0xF8, 0xFF, 0x00, 0x0D, 0x0A, 0xE2, 0x82 })
            buffer.WriteByte(b);
        using (var stdout = Console.OpenStandardOutput())
        {
            buffer.Position = 0;
            buffer.CopyTo(stdout, 100);
        }
        Console.Error.WriteLine("{0} bytes, crc {1:x8}", buffer.Length, Checksums.Crc32(buffer.ToArray()));
        using (var stderr = Console.OpenStandardError())
            stderr.Write(new byte[] { 0xFE, 0x00, 0x81, 10 }, 0, 4);
    }
}
