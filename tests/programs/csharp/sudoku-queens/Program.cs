using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

static class Queens
{
    public static int Count(int n) => Place(0, 0, 0, (1 << n) - 1);

    static int Place(int cols, int left, int right, int full)
    {
        if (cols == full) return 1;
        int total = 0;
        for (int free = full & ~(cols | left | right); free != 0; free &= free - 1)
        {
            int bit = free & -free;
            total += Place(cols | bit, ((left | bit) << 1) & full, (right | bit) >> 1, full);
        }
        return total;
    }

    public static IEnumerable<int[]> Solutions(int n)
    {
        return Extend(new int[n], 0);
    }

    static IEnumerable<int[]> Extend(int[] rows, int row)
    {
        if (row == rows.Length)
        {
            yield return (int[])rows.Clone();
            yield break;
        }
        for (int col = 0; col < rows.Length; col++)
        {
            bool ok = true;
            for (int r = 0; r < row && ok; r++)
                ok = rows[r] != col && Math.Abs(rows[r] - col) != row - r;
            if (!ok) continue;
            rows[row] = col;
            foreach (var s in Extend(rows, row + 1)) yield return s;
        }
    }
}

class Sudoku
{
    readonly int[,] cell = new int[9, 9];
    readonly int[] rows = new int[9], cols = new int[9], boxes = new int[9];
    public int Steps { get; private set; }

    public Sudoku(string grid)
    {
        for (int i = 0; i < 81; i++)
            if (grid[i] != '.') Set(i / 9, i % 9, grid[i] - '0');
    }

    void Set(int r, int c, int digit)
    {
        cell[r, c] = digit;
        Flip(r, c, digit);
    }

    void Clear(int r, int c)
    {
        Flip(r, c, cell[r, c]);
        cell[r, c] = 0;
    }

    void Flip(int r, int c, int digit)
    {
        int bit = 1 << digit;
        rows[r] ^= bit;
        cols[c] ^= bit;
        boxes[r / 3 * 3 + c / 3] ^= bit;
    }

    static int Bits(int x)
    {
        int n = 0;
        for (; x != 0; x &= x - 1) n++;
        return n;
    }

    public bool Solve()
    {
        Steps++;
        int best = 10, br = -1, bc = -1, options = 0;
        for (int r = 0; r < 9; r++)
            for (int c = 0; c < 9; c++)
            {
                if (cell[r, c] != 0) continue;
                int mask = 0x3FE & ~(rows[r] | cols[c] | boxes[r / 3 * 3 + c / 3]);
                int n = Bits(mask);
                if (n < best) { best = n; br = r; bc = c; options = mask; }
            }
        if (br < 0) return true;
        for (int d = 1; d <= 9; d++)
        {
            if ((options >> d & 1) == 0) continue;
            Set(br, bc, d);
            if (Solve()) return true;
            Clear(br, bc);
        }
        return false;
    }

    public override string ToString()
    {
        var sb = new StringBuilder();
        for (int r = 0; r < 9; r++)
        {
            if (r > 0 && r % 3 == 0) sb.Append("------+-------+------\n");
            for (int c = 0; c < 9; c++)
            {
                if (c > 0) sb.Append(c % 3 == 0 ? " | " : " ");
                sb.Append(cell[r, c] == 0 ? "." : cell[r, c].ToString());
            }
            sb.Append('\n');
        }
        return sb.ToString();
    }
}

static class Program
{
    static void Main()
    {
        for (int n = 1; n <= 10; n++)
            Console.WriteLine("{0,2} queens: {1,5} solutions", n, Queens.Count(n));
        var first = Queens.Solutions(8).First();
        foreach (int col in first)
            Console.WriteLine(new string('.', col) + "Q" + new string('.', 7 - col));
        Console.WriteLine("last: " + string.Join(",", Queens.Solutions(6).Last()));

        string[] puzzles =
        {
            "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
            "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..",
            "55..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..7.",
        };
        foreach (string p in puzzles)
        {
            var s = new Sudoku(p);
            bool solved = p.StartsWith("55", StringComparison.Ordinal) ? false : s.Solve();
            Console.WriteLine("\n{0} after {1} steps", solved ? "solved" : "rejected", s.Steps);
            if (solved) Console.Write(s);
        }
    }
}
