using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

enum Align { Left, Right, Center }

[Flags]
enum Mode { None = 0, Read = 1, Write = 2, Exec = 4 }

class Column<T>
{
    public string Title;
    public Align Align;
    public Func<T, string> Cell;
}

class Table<T>
{
    readonly List<Column<T>> columns = new List<Column<T>>();

    public Table<T> Add(string title, Align align, Func<T, string> cell)
    {
        columns.Add(new Column<T> { Title = title, Align = align, Cell = cell });
        return this;
    }

    static string Pad(string s, int width, Align align)
    {
        switch (align)
        {
            case Align.Right: return s.PadLeft(width);
            case Align.Center: return s.PadLeft((width + s.Length) / 2).PadRight(width);
            default: return s.PadRight(width);
        }
    }

    public string Render(IEnumerable<T> rows)
    {
        var cells = rows.Select(r => columns.Select(c => c.Cell(r)).ToArray()).ToList();
        int[] widths = columns.Select((c, i) =>
            Math.Max(c.Title.Length, cells.Select(r => r[i].Length).DefaultIfEmpty(0).Max())).ToArray();
        var sb = new StringBuilder();
        string rule = "+" + string.Join("+", widths.Select(w => new string('-', w + 2))) + "+\n";
        sb.Append(rule);
        sb.Append("| " + string.Join(" | ", columns.Select((c, i) => Pad(c.Title, widths[i], Align.Center))) + " |\n");
        sb.Append(rule.Replace('-', '='));
        foreach (var r in cells)
            sb.Append("| " + string.Join(" | ", r.Select((s, i) => Pad(s, widths[i], columns[i].Align))) + " |\n");
        return sb.Append(rule).ToString();
    }
}

class Planet : IFormattable
{
    public string Name;
    public double Mass, Radius;
    public int Moons;
    public DateTime Seen;

    public string ToString(string format, IFormatProvider p)
    {
        switch (format ?? "G")
        {
            case "S": return Name.Substring(0, 3).ToUpperInvariant();
            case "M": return string.Format(p, "{0}:{1:E2}kg", Name, Mass);
            case "G": return Name;
            default: throw new FormatException("unknown format " + format);
        }
    }
}

static class Program
{
    static readonly CultureInfo Inv = CultureInfo.InvariantCulture;

    static void Main()
    {
        var planets = new[]
        {
            new Planet { Name = "Mercury", Mass = 3.3011e23, Radius = 2439.7, Moons = 0, Seen = new DateTime(1631, 11, 7) },
            new Planet { Name = "Earth", Mass = 5.97237e24, Radius = 6371.0, Moons = 1, Seen = DateTime.MinValue },
            new Planet { Name = "Jupiter", Mass = 1.8982e27, Radius = 69911, Moons = 95, Seen = new DateTime(1610, 1, 7, 18, 5, 9) },
            new Planet { Name = "Neptune", Mass = 1.02413e26, Radius = 24622, Moons = 14, Seen = new DateTime(1846, 9, 23) },
        };
        var table = new Table<Planet>()
            .Add("Planet", Align.Left, p => p.Name)
            .Add("Mass", Align.Right, p => p.Mass.ToString("0.000e+00", Inv))
            .Add("Radius km", Align.Right, p => p.Radius.ToString("N1", Inv))
            .Add("Moons", Align.Center, p => p.Moons.ToString("D2", Inv))
            .Add("Share", Align.Right, p => (p.Mass / 1.9985e27).ToString("P2", Inv))
            .Add("Seen", Align.Left, p => p.Seen.ToString("yyyy-MM-dd HH:mm:ss", Inv));
        Console.Write(table.Render(planets));
        Console.WriteLine(string.Format(Inv, "{0:S} {1:M} {2}", planets[0], planets[1], planets[3]));
        try { Console.WriteLine("{0:Q}", planets[0]); }
        catch (FormatException e) { Console.WriteLine("error: " + e.Message); }

        object[] values = { 0, -1234567, 255, 3.14159265358979, 1e100, 1.0 / 3, -0.5m, 79228162514264337593543950335m };
        foreach (object v in values)
            Console.WriteLine(string.Format(Inv, "{0,-8}|{0,32}|{0,-14:0.##}|{0:#,##0.00;(#,##0.00);zero}", v)
                .Replace(v.ToString() + "|", "|").TrimEnd());
        Console.WriteLine(string.Format(Inv, "{0:X} {0:x8} {1:C} {2:00.0%} {{braces}}", 48879, 1234.5, 0.1234));
        Console.WriteLine("{0} | {1} | {2:D} | {2:F}", Mode.None, Mode.Read | Mode.Exec, Mode.Write | Mode.Read);
        Console.WriteLine(TimeSpan.FromSeconds(93784.5).ToString("c", Inv) + " " + new TimeSpan(1, 2, 3).ToString(@"hh\-mm\-ss", Inv));
        foreach (double d in new[] { double.NaN, double.PositiveInfinity, double.MaxValue, double.Epsilon, 0.1 + 0.2 })
            Console.WriteLine(d.ToString("R", Inv) + " " + d.ToString("G5", Inv));
        foreach (string s in new[] { "1,234.50", "0x10", "1e3", "", "  7 " })
        {
            double x;
            bool ok = double.TryParse(s, NumberStyles.Float | NumberStyles.AllowThousands, Inv, out x);
            Console.WriteLine("parse '{0}': {1}", s, ok ? x.ToString("F2", Inv) : "no");
        }
    }
}
