using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

class Sieve
{
    readonly bool[] composite;
    public Sieve(int limit)
    {
        composite = new bool[limit + 1];
        for (int i = 2; (long)i * i <= limit; i++)
            if (!composite[i])
                for (int j = i * i; j <= limit; j += i)
                    composite[j] = true;
    }

    public IEnumerable<int> Primes()
    {
        for (int i = 2; i < composite.Length; i++)
            if (!composite[i]) yield return i;
    }
}

static class Program
{
    static string Factor(int n, List<int> primes)
    {
        var sb = new StringBuilder();
        int rest = n;
        foreach (int p in primes)
        {
            if ((long)p * p > rest) break;
            int power = 0;
            while (rest % p == 0) { rest /= p; power++; }
            if (power == 0) continue;
            if (sb.Length > 0) sb.Append(" * ");
            sb.Append(p);
            if (power > 1) sb.Append('^').Append(power);
        }
        if (rest > 1)
        {
            if (sb.Length > 0) sb.Append(" * ");
            sb.Append(rest);
        }
        return sb.Length == 0 ? "1" : sb.ToString();
    }

    static int Collatz(int n)
    {
        int steps = 0;
        for (long x = n; x != 1; steps++)
            x = (x & 1) == 0 ? x / 2 : 3 * x + 1;
        return steps;
    }

    static void Main()
    {
        var primes = new List<int>(new Sieve(20000).Primes());
        long written = 0;
        uint checksum = 1;
        using (var stream = new BufferedStream(Console.OpenStandardOutput(), 1 << 15))
        using (var w = new StreamWriter(stream, new UTF8Encoding(false)))
        {
            w.NewLine = "\n";
            Action<string> emit = line =>
            {
                w.WriteLine(line);
                written += line.Length + 1;
                foreach (char c in line)
                    checksum = unchecked(checksum * 31 + c);
            };
            for (int n = 1; n <= 6000; n++)
                emit(string.Format("{0,5} = {1} (collatz {2})", n, Factor(n, primes), Collatz(n)));
            for (int row = 0; row < 120; row++)
            {
                var sb = new StringBuilder(512);
                for (int col = 0; col < 400; col++)
                    sb.Append(" .:-=+*#%@"[(row * row + col * col) / 97 % 10]);
                emit(sb.ToString());
            }
            emit("characters " + written + " checksum " + checksum.ToString("x8"));
        }
        Console.Error.WriteLine("done: {0} primes", primes.Count);
    }
}
