using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

static class Program
{
    static TextWriter output;

    static string Hex(string s) => string.Join(" ", s.Select(c => ((int)c).ToString("X4")));

    static IEnumerable<int> CodePoints(string s)
    {
        for (int i = 0; i < s.Length; i++)
        {
            if (char.IsHighSurrogate(s[i]) && i + 1 < s.Length && char.IsLowSurrogate(s[i + 1]))
                yield return char.ConvertToUtf32(s[i], s[++i]);
            else
                yield return s[i];
        }
    }

    static string ReverseElements(string s)
    {
        var parts = new List<string>();
        TextElementEnumerator e = StringInfo.GetTextElementEnumerator(s);
        while (e.MoveNext()) parts.Add(e.GetTextElement());
        parts.Reverse();
        return string.Concat(parts);
    }

    static string StripMarks(string s)
    {
        var sb = new StringBuilder();
        foreach (char c in s.Normalize(NormalizationForm.FormD))
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)
                sb.Append(c);
        return sb.ToString();
    }

    static void Describe(string label, string s)
    {
        output.WriteLine("{0}: {1}", label, s);
        output.WriteLine("  units={0} points={1} bytes={2}", s.Length, CodePoints(s).Count(), Encoding.UTF8.GetByteCount(s));
        output.WriteLine("  utf16 {0}", Hex(s));
        output.WriteLine("  utf8  {0}", BitConverter.ToString(Encoding.UTF8.GetBytes(s)));
        output.WriteLine("  upper {0} lower {1}", s.ToUpperInvariant(), s.ToLowerInvariant());
    }

    static void Main()
    {
        output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { NewLine = "\n" };
        Describe("ascii", "Hello");
        Describe("german", "Straße Übung");
        Describe("greek", "Ελληνικά");
        Describe("cyrillic", "Привет");
        Describe("japanese", "日本語テキスト");
        Describe("arabic", "مرحبا");
        Describe("emoji", "😀🚀");
        Describe("combining", "e\u0301a\u0308");

        output.WriteLine("-- normalization");
        foreach (string s in new[] { "caf\u00e9", "cafe\u0301", "\uFB01n", "\u212B", "\uD55C" })
        {
            output.WriteLine("{0} C=[{1}] D=[{2}] KC=[{3}]", s,
                Hex(s.Normalize(NormalizationForm.FormC)),
                Hex(s.Normalize(NormalizationForm.FormD)),
                Hex(s.Normalize(NormalizationForm.FormKC)));
        }
        output.WriteLine("ordinal equal: {0}, after FormC: {1}",
            string.Equals("caf\u00e9", "cafe\u0301", StringComparison.Ordinal),
            "caf\u00e9" == "cafe\u0301".Normalize(NormalizationForm.FormC));
        output.WriteLine("stripped: {0}", StripMarks("Crème brûlée à la façon de Zoë, Škoda, Ångström"));

        output.WriteLine("-- reversing by text element");
        foreach (string s in new[] { "abc", "cafe\u0301!", "x😀y" })
            output.WriteLine("{0} -> {1}", s, ReverseElements(s));

        output.WriteLine("-- categories");
        foreach (char c in "aZ5 _€½Ж中\u0301\t")
            output.WriteLine("U+{0:X4} {1} letter={2} digit={3}", (int)c, char.GetUnicodeCategory(c), char.IsLetter(c), char.IsDigit(c));

        var words = new List<string> { "zebra", "Äpfel", "apple", "Zoo", "éclair", "eclair", "日本" };
        words.Sort(StringComparer.Ordinal);
        output.WriteLine("ordinal order: {0}", string.Join(" ", words));

        output.WriteLine("-- strict decoding");
        byte[][] samples = { new byte[] { 0x41, 0xC3, 0xA9 }, new byte[] { 0x41, 0xFF }, new byte[] { 0xE2, 0x82 } };
        foreach (byte[] bytes in samples)
        {
            try { output.WriteLine("ok {0}", new UTF8Encoding(false, true).GetString(bytes)); }
            catch (DecoderFallbackException) { output.WriteLine("invalid {0}, lenient {1}", BitConverter.ToString(bytes), Hex(Encoding.UTF8.GetString(bytes))); }
        }
        output.WriteLine(char.ConvertFromUtf32(0x1F680) + " " + char.ConvertFromUtf32(0x10FFFF).Length);
        output.Flush();
    }
}
