using System;
using System.Collections.Generic;
using System.Linq;

enum Op { Push, Load, Store, Add, Sub, Mul, Div, Mod, Lt, Gt, Eq, Jump, JumpFalse, Print, Halt }

struct Instr
{
    public Op Op;
    public long Arg;
    public override string ToString() => Op + (Op <= Op.Store || Op == Op.Jump || Op == Op.JumpFalse ? " " + Arg : "");
}

class SyntaxError : Exception { public SyntaxError(string m) : base(m) { } }

static class Lexer
{
    public static IEnumerable<string> Tokens(string source)
    {
        int i = 0;
        while (i < source.Length)
        {
            char c = source[i];
            int start = i;
            if (char.IsWhiteSpace(c)) { i++; continue; }
            if (char.IsDigit(c)) while (i < source.Length && char.IsDigit(source[i])) i++;
            else if (char.IsLetter(c)) while (i < source.Length && char.IsLetterOrDigit(source[i])) i++;
            else if (c == '=' && i + 1 < source.Length && source[i + 1] == '=') i += 2;
            else if ("+-*/%<>=(){};".IndexOf(c) >= 0) i++;
            else throw new SyntaxError($"bad character '{c}' at {i}");
            yield return source.Substring(start, i - start);
        }
        yield return "<end>";
    }
}

class Compiler
{
    readonly string[] tokens;
    readonly List<Instr> code = new List<Instr>();
    readonly List<string> names = new List<string>();
    int pos;

    static readonly string[][] levels = { new[] { "<", ">", "==" }, new[] { "+", "-" }, new[] { "*", "/", "%" } };
    static readonly Dictionary<string, Op> ops = new Dictionary<string, Op>
    {
        ["+"] = Op.Add, ["-"] = Op.Sub, ["*"] = Op.Mul, ["/"] = Op.Div, ["%"] = Op.Mod,
        ["<"] = Op.Lt, [">"] = Op.Gt, ["=="] = Op.Eq,
    };

    public Compiler(string source) { tokens = Lexer.Tokens(source).ToArray(); }

    public List<Instr> Compile()
    {
        while (tokens[pos] != "<end>") Statement();
        Emit(Op.Halt);
        return code;
    }

    int Emit(Op op, long arg = 0)
    {
        code.Add(new Instr { Op = op, Arg = arg });
        return code.Count - 1;
    }

    void Patch(int at) { code[at] = new Instr { Op = code[at].Op, Arg = code.Count }; }

    bool Accept(string t)
    {
        if (tokens[pos] != t) return false;
        pos++;
        return true;
    }

    void Expect(string t)
    {
        if (!Accept(t)) throw new SyntaxError($"expected '{t}' but found '{tokens[pos]}'");
    }

    int Slot(string name)
    {
        if (!names.Contains(name)) names.Add(name);
        return names.IndexOf(name);
    }

    void Block()
    {
        Expect("{");
        while (!Accept("}")) Statement();
    }

    void Statement()
    {
        if (Accept("print")) { Expression(0); Expect(";"); Emit(Op.Print); }
        else if (Accept("while"))
        {
            int top = code.Count;
            Expression(0);
            int exit = Emit(Op.JumpFalse);
            Block();
            Emit(Op.Jump, top);
            Patch(exit);
        }
        else if (Accept("if"))
        {
            Expression(0);
            int skip = Emit(Op.JumpFalse);
            Block();
            if (Accept("else"))
            {
                int end = Emit(Op.Jump);
                Patch(skip);
                Block();
                skip = end;
            }
            Patch(skip);
        }
        else
        {
            string name = tokens[pos++];
            if (!char.IsLetter(name[0])) throw new SyntaxError($"unexpected '{name}'");
            Expect("=");
            Expression(0);
            Expect(";");
            Emit(Op.Store, Slot(name));
        }
    }

    void Expression(int level)
    {
        if (level == levels.Length) { Primary(); return; }
        Expression(level + 1);
        while (levels[level].Contains(tokens[pos]))
        {
            Op op = ops[tokens[pos++]];
            Expression(level + 1);
            Emit(op);
        }
    }

    void Primary()
    {
        string t = tokens[pos++];
        if (t == "(") { Expression(0); Expect(")"); }
        else if (t == "-") { Emit(Op.Push, 0); Primary(); Emit(Op.Sub); }
        else if (char.IsDigit(t[0])) Emit(Op.Push, long.Parse(t));
        else if (char.IsLetter(t[0])) Emit(Op.Load, Slot(t));
        else throw new SyntaxError($"unexpected '{t}'");
    }
}

static class Machine
{
    public static int Run(List<Instr> code)
    {
        var stack = new Stack<long>();
        var vars = new long[32];
        int steps = 0;
        for (int pc = 0; ; steps++)
        {
            Instr i = code[pc++];
            switch (i.Op)
            {
                case Op.Push: stack.Push(i.Arg); break;
                case Op.Load: stack.Push(vars[i.Arg]); break;
                case Op.Store: vars[i.Arg] = stack.Pop(); break;
                case Op.Jump: pc = (int)i.Arg; break;
                case Op.JumpFalse: if (stack.Pop() == 0) pc = (int)i.Arg; break;
                case Op.Print: Console.WriteLine("  out: " + stack.Pop()); break;
                case Op.Halt: return steps;
                default:
                    long b = stack.Pop(), a = stack.Pop();
                    stack.Push(Binary(i.Op, a, b));
                    break;
            }
        }
    }

    static long Binary(Op op, long a, long b)
    {
        switch (op)
        {
            case Op.Add: return checked(a + b);
            case Op.Sub: return checked(a - b);
            case Op.Mul: return checked(a * b);
            case Op.Div: return a / b;
            case Op.Mod: return a % b;
            case Op.Lt: return a < b ? 1 : 0;
            case Op.Gt: return a > b ? 1 : 0;
            default: return a == b ? 1 : 0;
        }
    }
}

static class Program
{
    static void Main()
    {
        string[] sources =
        {
            "x = 2 + 3 * (4 - 1); print x; print -x % 4;",
            "a = 0; b = 1; n = 0; while n < 60 { t = a + b; a = b; b = t; n = n + 1; } print a;",
            "a = 1071; b = 462; while b > 0 { t = a % b; a = b; b = t; } print a;",
            "i = 1; s = 0; while i < 20001 { if i % 3 == 0 { s = s + i; } else { s = s - 1; } i = i + 1; } print s;",
            "print 1 / (2 - 2);",
            "x = 9; while x > 0 { x = x * x; }",
            "print 1 + ;",
            "y = 3 $ 4;",
            "if 1 { print 5; ",
        };
        foreach (string s in sources)
        {
            Console.WriteLine("> " + s);
            try
            {
                var code = new Compiler(s).Compile();
                Console.WriteLine("  code: " + string.Join("; ", code.Take(12)) + (code.Count > 12 ? "; ..." : ""));
                Console.WriteLine("  steps: " + Machine.Run(code));
            }
            catch (SyntaxError e) { Console.WriteLine("  syntax error: " + e.Message); }
            catch (ArithmeticException e) { Console.WriteLine("  run error: " + e.GetType().Name); }
        }
    }
}
