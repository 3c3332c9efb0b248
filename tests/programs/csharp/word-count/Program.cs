using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

class TextStats
{
    readonly Dictionary<string, int> words = new Dictionary<string, int>(StringComparer.Ordinal);
    readonly SortedDictionary<int, int> lengths = new SortedDictionary<int, int>();

    public int Lines { get; private set; }
    public int Words { get; private set; }
    public int Chars { get; private set; }
    public string Longest { get; private set; } = "";

    public void Feed(string line)
    {
        Lines++;
        Chars += line.Length + 1;
        foreach (string word in Split(line))
        {
            Words++;
            int n;
            words.TryGetValue(word, out n);
            words[word] = n + 1;
            lengths.TryGetValue(word.Length, out n);
            lengths[word.Length] = n + 1;
            if (word.Length > Longest.Length) Longest = word;
        }
    }

    static IEnumerable<string> Split(string line)
    {
        var sb = new StringBuilder();
        for (int i = 0; i <= line.Length; i++)
        {
            char c = i < line.Length ? line[i] : ' ';
            bool inner = c == '\'' && sb.Length > 0 && i + 1 < line.Length && char.IsLetter(line[i + 1]);
            if (char.IsLetterOrDigit(c) || inner)
            {
                sb.Append(char.ToLowerInvariant(c));
            }
            else if (sb.Length > 0)
            {
                yield return sb.ToString();
                sb.Clear();
            }
        }
    }

    public IEnumerable<KeyValuePair<string, int>> Top(int count)
    {
        return words.OrderByDescending(p => p.Value)
                    .ThenBy(p => p.Key, StringComparer.Ordinal)
                    .Take(count);
    }

    public IEnumerable<KeyValuePair<int, int>> Lengths => lengths;
    public int Distinct => words.Count;
    public IEnumerable<string> Once => words.Where(p => p.Value == 1).Select(p => p.Key);
}

static class Program
{
    static void Main()
    {
        var stats = new TextStats();
        using (var reader = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)))
        {
            string line;
            while ((line = reader.ReadLine()) != null)
                stats.Feed(line);
        }
        using (var w = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)))
        {
            w.NewLine = "\n";
            w.WriteLine($"lines={stats.Lines} words={stats.Words} chars={stats.Chars} distinct={stats.Distinct}");
            w.WriteLine("longest: " + stats.Longest);
            w.WriteLine("top words:");
            foreach (var p in stats.Top(10))
                w.WriteLine("  {0,-12}{1,4}", p.Key, p.Value);
            w.WriteLine("length histogram:");
            foreach (var p in stats.Lengths)
                w.WriteLine("  {0,3} {1}", p.Key, new string('#', p.Value));
            var once = stats.Once.OrderBy(x => x, StringComparer.Ordinal).ToList();
            w.WriteLine("used once ({0}): {1}", once.Count, string.Join(", ", once));
        }
    }
}
