using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

/// A compiler that has been used before it is needed. The line on descriptor 3 says what to compile: mcs's own command.
static class Compiler
{
    const int Rounds = 4;
    const int Control = 3;

    [DllImport("libc", SetLastError = true)]
    static extern IntPtr read(int descriptor, byte[] buffer, IntPtr length);

    [DllImport("libc")]
    static extern IntPtr write(int descriptor, byte[] buffer, IntPtr length);

    [DllImport("libc")]
    static extern int close(int descriptor);

    [DllImport("libc")]
    static extern void _exit(int status);

    [DllImport("libc")]
    static extern int poll(ref Waiting descriptors, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct Waiting
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    static int Main()
    {
        var mcs = Assembly.LoadFrom("/usr/lib/mono/4.5/mcs.exe");
        Practise(mcs);
        Strings("{\"command\":[\"a\\u0062\",\"\"]}", "\"command\":[");
        // Nothing waits for this process to end but the caller.
        AppDomain.CurrentDomain.ProcessExit += (sender, end) =>
        {
            Console.Out.Flush();
            Console.Error.Flush();
            _exit(Environment.ExitCode);
        };
        write(Control, new byte[] { 10 }, (IntPtr)1);
        var command = Strings(ReadLine(), "\"command\":[");
        close(Control);
        command.RemoveAt(0);
        mcs.EntryPoint.Invoke(null, new object[] { command.ToArray() });
        return 1; // mcs ends the process
    }

    /// Compiles until it goes fast, or until somebody waits.
    static void Practise(Assembly mcs)
    {
        const string folder = "/opt/polyground/warm/practice/";
        var compile = mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("InvokeCompiler");
        for (var round = 0; round < Rounds && !IsWaitedFor(); round++)
        {
            var output = Path.GetTempFileName();
            var source = folder + (round == 0 ? "Error.cs" : "Practice.cs");
            var arguments = new[]
            {
                "-langversion:latest", "-debug",
                "-r:Microsoft.CSharp,System.IO.Compression,System.Net.Http,System.Numerics,System.Xml.Linq",
                "-out:" + output, source,
            };
            compile.Invoke(null, new object[] { arguments, TextWriter.Null });
            foreach (var file in new[] { output, output + ".mdb", Path.ChangeExtension(output, ".pdb") }) File.Delete(file);
        }
        // Rather now than while somebody waits.
        GC.Collect();
    }

    static bool IsWaitedFor()
    {
        var control = new Waiting { Descriptor = Control, Events = 1 };
        return poll(ref control, 1, 0) != 0;
    }

    static string ReadLine()
    {
        var line = new MemoryStream();
        var part = new byte[65536];
        for (;;)
        {
            var length = (int)read(Control, part, (IntPtr)part.Length);
            if (length <= 0) Environment.Exit(1); // the agent has gone
            line.Write(part, 0, length);
            if (part[length - 1] == 10) return Encoding.UTF8.GetString(line.ToArray());
        }
    }

    /// The strings of the JSON array that begins with `start`.
    static List<string> Strings(string json, string start)
    {
        var strings = new List<string>();
        for (var at = json.IndexOf(start, StringComparison.Ordinal) + start.Length; json[at] != ']';)
        {
            var text = new StringBuilder();
            for (at++; json[at] != '"'; at++)
            {
                var letter = json[at];
                if (letter == '\\')
                {
                    letter = json[++at];
                    var escape = "bfnrt".IndexOf(letter);
                    if (escape >= 0) letter = "\b\f\n\r\t"[escape];
                    if (letter == 'u')
                    {
                        letter = (char)Convert.ToInt32(json.Substring(at + 1, 4), 16);
                        at += 4;
                    }
                }
                text.Append(letter);
            }
            strings.Add(text.ToString());
            at++;
            if (json[at] == ',') at++;
        }
        return strings;
    }
}
