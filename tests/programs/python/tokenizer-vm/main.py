"""A small language: tokenizer, Pratt parser, compiler and stack machine."""
import operator
import re
import sys
from typing import NamedTuple

TOKEN = re.compile(r"""(?P<number>\d+) | (?P<name>[a-z_]\w*) | (?P<op>==|!=|<=|>=|[-+*/%<>=(){},;])
                     | (?P<space>[\s]+|\#.*) | (?P<bad>.)""", re.VERBOSE)
KEYWORDS = {"let", "while", "if", "else", "print"}
PRECEDENCE = {"==": 1, "!=": 1, "<": 2, ">": 2, "<=": 2, ">=": 2, "+": 3, "-": 3, "*": 4, "/": 4, "%": 4}
BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.floordiv,
          "%": operator.mod, "<": operator.lt, ">": operator.gt, "<=": operator.le,
          ">=": operator.ge, "==": operator.eq, "!=": operator.ne}


class Token(NamedTuple):
    kind: str
    text: str
    line: int


class LangError(Exception):
    pass


def tokenize(source):
    line = 1
    for match in TOKEN.finditer(source):
        kind, text = match.lastgroup, match.group()
        if kind == "bad":
            raise LangError(f"line {line}: unexpected {text!r}")
        if kind == "name" and text in KEYWORDS:
            kind = "keyword"
        if kind != "space":
            yield Token(kind, text, line)
        line += text.count("\n")
    yield Token("end", "", line)


class Compiler:
    def __init__(self, source):
        self.tokens, self.position, self.code, self.slots = list(tokenize(source)), 0, [], {}

    @property
    def current(self):
        return self.tokens[self.position]

    def take(self, text=None, kind=None):
        token = self.current
        if (text and token.text != text) or (kind and token.kind != kind):
            raise LangError(f"line {token.line}: expected {text or kind}, found {token.text or 'the end'}")
        self.position += 1
        return token

    def emit(self, op, arg=None):
        self.code.append([op, arg])
        return len(self.code) - 1

    def program(self):
        while self.current.kind != "end":
            self.statement()
        self.emit("halt")
        return self.code

    def block(self):
        self.take("{")
        while self.current.text != "}":
            self.statement()
        self.take("}")

    def statement(self):
        token = self.current
        if token.text in ("while", "if"):
            self.position += 1
            start = len(self.code)
            self.expression()
            exit_jump = self.emit("jump_false")
            self.block()
            if token.text == "while":
                self.emit("jump", start)
            elif self.current.text == "else":
                self.position += 1
                end_jump, self.code[exit_jump][1] = self.emit("jump"), len(self.code)
                self.block()
                self.code[end_jump][1] = len(self.code)
                return
            self.code[exit_jump][1] = len(self.code)
            return
        if token.text == "print":
            self.position += 1
            self.expression()
            self.emit("print")
        else:
            if token.text == "let":
                self.position += 1
            name = self.take(kind="name")
            if token.text == "let":
                self.slots.setdefault(name.text, len(self.slots))
            self.take("=")
            self.expression()
            self.emit("store", self.slot(name))
        self.take(";")

    def slot(self, name):
        if name.text not in self.slots:
            raise LangError(f"line {name.line}: {name.text} is not defined")
        return self.slots[name.text]

    def expression(self, minimum=0):
        token = self.take()
        if token.kind == "number":
            self.emit("push", int(token.text))
        elif token.kind == "name":
            self.emit("load", self.slot(token))
        elif token.text == "-":
            self.expression(5)
            self.emit("negate")
        elif token.text == "(":
            self.expression()
            self.take(")")
        else:
            raise LangError(f"line {token.line}: unexpected {token.text or 'end'}")
        while PRECEDENCE.get(self.current.text, 0) > minimum:
            op = self.take().text
            self.expression(PRECEDENCE[op])
            self.emit("binary", op)


def run(code, slots, limit=20_000):
    stack, memory, pc, steps = [], [0] * slots, 0, 0
    while True:
        op, arg = code[pc]
        pc, steps = pc + 1, steps + 1
        if steps > limit:
            raise LangError("step limit reached")
        match op:
            case "push": stack.append(arg)
            case "load": stack.append(memory[arg])
            case "store": memory[arg] = stack.pop()
            case "negate": stack.append(-stack.pop())
            case "jump": pc = arg
            case "jump_false": pc = pc if stack.pop() else arg
            case "print": print("  out:", int(stack.pop()))
            case "halt": return steps
            case "binary":
                right, left = stack.pop(), stack.pop()
                stack.append(BINARY[arg](left, right))


PROGRAMS = {
    "gcd": "let a = 1071; let b = 462; while b != 0 { let t = a % b; a = b; b = t; } print a;",
    "precedence": "print 2 + 3 * 4 - -1; print (2 + 3) * 4 % 7; print 1 < 2 == 1; print 10 - 4 - 3;",
    "primes": """let n = 2; let found = 0;  # trial division
        while found < 8 { let d = 2; let prime = 1;
          while d * d <= n { if n % d == 0 { prime = 0; } else { } d = d + 1; }
          if prime { print n; found = found + 1; } n = n + 1; }""",
    "undefined": "let x = 1;\nprint x + y;",
    "bad character": "let x = 1;\n\nlet y = x @ 2;",
    "unfinished": "while 1 { print 1;",
    "endless": "let i = 0; while 1 { i = i + 1; }",
    "zero": "print 1 / 0;",
}


def main():
    for name, source in PROGRAMS.items():
        print(f"{name}:")
        try:
            compiler = Compiler(source)
            code = compiler.program()
            print(f"  {len(code)} instructions, {run(code, len(compiler.slots))} steps")
        except (LangError, ZeroDivisionError) as error:
            print(f"  {type(error).__name__}")
            sys.stdout.flush()
            print(f"{name}: {error}", file=sys.stderr)
    for address, (op, arg) in enumerate(Compiler(PROGRAMS["gcd"]).program()):
        print(f"{address:03} {op:<10} {'' if arg is None else arg}".rstrip())


if __name__ == "__main__":
    main()
