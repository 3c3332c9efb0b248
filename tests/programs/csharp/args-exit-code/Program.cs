using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

class UsageException : Exception
{
    public UsageException(string message) : base(message) { }
}

class Options
{
    public bool Verbose;
    public int Repeat = 1;
    public string Separator = " ";
    public readonly Dictionary<string, string> Defines = new Dictionary<string, string>();
    public readonly List<string> Rest = new List<string>();
    public readonly List<string> Warnings = new List<string>();

    public static Options Parse(string[] args)
    {
        var o = new Options();
        var queue = new Queue<string>(args);
        while (queue.Count > 0)
        {
            string arg = queue.Dequeue();
            if (arg == "--")
            {
                o.Rest.AddRange(queue);
                break;
            }
            if (!arg.StartsWith("-", StringComparison.Ordinal) || arg == "-")
            {
                o.Rest.Add(arg);
                continue;
            }
            string name = arg, value = null;
            int eq = arg.IndexOf('=');
            if (arg.StartsWith("--", StringComparison.Ordinal) && eq > 0)
            {
                name = arg.Substring(0, eq);
                value = arg.Substring(eq + 1);
            }
            switch (name)
            {
                case "-v":
                case "--verbose":
                    o.Verbose = true;
                    break;
                case "-n":
                case "--repeat":
                    string text = value ?? Next(queue, name);
                    if (!int.TryParse(text, out o.Repeat))
                        throw new UsageException("not a number: " + text);
                    break;
                case "--sep":
                    o.Separator = value ?? Next(queue, name);
                    break;
                case "-D":
                    string[] pair = Next(queue, name).Split(new[] { '=' }, 2);
                    o.Defines[pair[0]] = pair.Length == 2 ? pair[1] : "1";
                    break;
                default:
                    o.Warnings.Add("unknown option " + name);
                    break;
            }
        }
        return o;
    }

    static string Next(Queue<string> queue, string name)
    {
        if (queue.Count == 0) throw new UsageException(name + " needs a value");
        return queue.Dequeue();
    }
}

static class Program
{
    static string Expand(string word, IDictionary<string, string> defines)
    {
        var sb = new StringBuilder(word);
        foreach (var d in defines.OrderBy(p => p.Key, StringComparer.Ordinal))
            sb.Replace("@" + d.Key + "@", d.Value);
        return sb.ToString();
    }

    static int Main(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
            Console.WriteLine("arg[{0}] = <{1}> length {2}", i, args[i], args[i].Length);
        Options o;
        try
        {
            o = Options.Parse(args);
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine("usage error: " + e.Message);
            return 2;
        }
        foreach (string w in o.Warnings) Console.Error.WriteLine("warning: " + w);
        for (int i = 0; i < o.Repeat; i++)
            Console.WriteLine(string.Join(o.Separator, o.Rest.Select(r => Expand(r, o.Defines))));
        if (o.Verbose)
            Console.Error.WriteLine("verbose: {0} words, {1} defines", o.Rest.Count, o.Defines.Count);
        int code = 40 + o.Rest.Count;
        Console.Error.WriteLine("exiting with {0}", code);
        Environment.Exit(code);
        return 0;
    }
}
