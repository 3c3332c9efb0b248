using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

/// What everyday programs use, for the compiler to practise on. It never runs.
interface IShape { double Area { get; } }

struct Square : IShape
{
    readonly double side;
    public Square(double side) { this.side = side; }
    public double Area => side * side;
}

static class Practice
{
    static T Largest<T>(IEnumerable<T> items) where T : IComparable<T>
    {
        var largest = default(T);
        foreach (var item in items) if (item.CompareTo(largest) > 0) largest = item;
        return largest;
    }

    static async Task<int> Later(int value) { await Task.Delay(1); return value; }

    static void Main(string[] args)
    {
        var counts = new Dictionary<string, int>();
        foreach (var word in "a b a".Split(' ')) counts[word] = counts.TryGetValue(word, out var count) ? count + 1 : 1;
        var text = string.Join(", ", counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}"));
        Console.WriteLine(text + Largest(new List<int> { 1, 2 }) + new Square(2).Area);
        try { Console.WriteLine(Later(int.Parse(Console.ReadLine() ?? "1")).Result); }
        catch (FormatException error) { Console.Error.WriteLine(error.Message); }
        switch (args.Length) { case 0: break; default: for (var i = 0; i < 3; i++) Console.Write(i); break; }
    }
}
