using System.Collections.Generic;

class Program {
    static void Main() {
        var data = new List<byte[]>();
        for (;;) {
            var block = new byte[8 << 20];
            for (int i = 0; i < block.Length; i += 4096) block[i] = 1;
            data.Add(block);
        }
    }
}
