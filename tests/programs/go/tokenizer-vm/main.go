package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/scanner"
)

type opcode byte

const (
	opPush opcode = iota
	opLoad
	opStore
	opBinary
	opNegate
	opPrint
	opJump
	opJumpZero
	opHalt
)

var opNames = [...]string{"push", "load", "store", "binary", "negate", "print", "jump", "jump0", "halt"}

func (o opcode) String() string { return opNames[o] }

type instr struct {
	op   opcode
	arg  int
	name string
}

type syntaxError struct {
	pos scanner.Position
	msg string
}

func (e syntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.pos.Line, e.pos.Column, e.msg) }

var errDivide = errors.New("division by zero")

type compiler struct {
	s    scanner.Scanner
	tok  string
	kind rune
	pos  scanner.Position
	code []instr
}

func compile(source string) (code []instr, err error) {
	c := &compiler{}
	c.s.Init(strings.NewReader(source))
	c.s.Error = func(*scanner.Scanner, string) {}
	defer func() {
		if e, ok := recover().(syntaxError); ok {
			err = e
		}
	}()
	c.next()
	for c.kind != scanner.EOF {
		c.statement()
	}
	c.emit(instr{op: opHalt})
	return c.code, nil
}

func (c *compiler) next() {
	c.kind = c.s.Scan()
	c.tok, c.pos = c.s.TokenText(), c.s.Position
	for _, pair := range []string{"==", "!=", "<=", ">="} {
		if c.tok == pair[:1] && c.s.Peek() == rune(pair[1]) {
			c.s.Next()
			c.tok = pair
		}
	}
}

func (c *compiler) fail(format string, args ...any) {
	panic(syntaxError{c.pos, fmt.Sprintf(format, args...)})
}

func (c *compiler) accept(tok string) bool {
	if c.tok != tok {
		return false
	}
	c.next()
	return true
}

func (c *compiler) expect(tok string) {
	if !c.accept(tok) {
		c.fail("expected %q, found %q", tok, c.tok)
	}
}

func (c *compiler) emit(i instr) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

func (c *compiler) patch(at int) { c.code[at].arg = len(c.code) }

func (c *compiler) block() {
	c.expect("{")
	for c.tok != "}" {
		if c.kind == scanner.EOF {
			c.fail("block is not closed")
		}
		c.statement()
	}
	c.next()
}

func (c *compiler) statement() {
	switch {
	case c.accept("while"):
		start := len(c.code)
		c.expression(0)
		exit := c.emit(instr{op: opJumpZero})
		c.block()
		c.emit(instr{op: opJump, arg: start})
		c.patch(exit)
	case c.accept("if"):
		c.expression(0)
		otherwise := c.emit(instr{op: opJumpZero})
		c.block()
		end := c.emit(instr{op: opJump})
		c.patch(otherwise)
		if c.accept("else") {
			c.block()
		}
		c.patch(end)
	case c.accept("print"):
		c.expression(0)
		c.emit(instr{op: opPrint})
		c.expect(";")
	case c.kind == scanner.Ident:
		name := c.tok
		c.next()
		c.expect("=")
		c.expression(0)
		c.emit(instr{op: opStore, name: name})
		c.expect(";")
	default:
		c.fail("unexpected %q", c.tok)
	}
}

var levels = [][]string{{"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}}

func (c *compiler) expression(level int) {
	if level == len(levels) {
		c.operand()
		return
	}
	c.expression(level + 1)
again:
	for _, op := range levels[level] {
		if c.accept(op) {
			c.expression(level + 1)
			c.emit(instr{op: opBinary, name: op})
			goto again
		}
	}
}

func (c *compiler) operand() {
	switch {
	case c.accept("-"):
		c.operand()
		c.emit(instr{op: opNegate})
	case c.accept("("):
		c.expression(0)
		c.expect(")")
	case c.kind == scanner.Int:
		var n int
		fmt.Sscan(c.tok, &n)
		c.emit(instr{op: opPush, arg: n})
		c.next()
	case c.kind == scanner.Ident:
		c.emit(instr{op: opLoad, name: c.tok})
		c.next()
	default:
		c.fail("expected a value, found %q", c.tok)
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func binary(op string, a, b int) (int, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/", "%":
		if b == 0 {
			return 0, errDivide
		}
		if op == "/" {
			return a / b, nil
		}
		return a % b, nil
	case "==":
		return truth(a == b), nil
	case "!=":
		return truth(a != b), nil
	case "<":
		return truth(a < b), nil
	case "<=":
		return truth(a <= b), nil
	case ">":
		return truth(a > b), nil
	default:
		return truth(a >= b), nil
	}
}

func run(code []instr) (output []int, steps int, err error) {
	var stack []int
	vars := map[string]int{}
	pop := func() int {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return v
	}
	for pc := 0; ; steps++ {
		in := code[pc]
		pc++
		switch in.op {
		case opPush:
			stack = append(stack, in.arg)
		case opLoad:
			v, ok := vars[in.name]
			if !ok {
				return output, steps, fmt.Errorf("%s has no value (instruction %d)", in.name, pc-1)
			}
			stack = append(stack, v)
		case opStore:
			vars[in.name] = pop()
		case opNegate:
			stack = append(stack, -pop())
		case opBinary:
			b, a := pop(), pop()
			v, err := binary(in.name, a, b)
			if err != nil {
				return output, steps, fmt.Errorf("instruction %d: %w", pc-1, err)
			}
			stack = append(stack, v)
		case opPrint:
			output = append(output, pop())
		case opJump:
			pc = in.arg
		case opJumpZero:
			if pop() == 0 {
				pc = in.arg
			}
		case opHalt:
			return output, steps, nil
		}
	}
}

func main() {
	programs := []struct{ name, source string }{
		{"primes", "n = 2; while n < 50 { d = 2; p = 1; while d * d <= n { if n % d == 0 { p = 0; } d = d + 1; } if p { print n; } n = n + 1; }"},
		{"gcd", "a = 1071; b = 462; while b != 0 { t = a % b; a = b; b = t; } print a; print -a * (2 + 3);"},
		{"collatz", "n = 27; steps = 0; while n != 1 { if n % 2 { n = 3 * n + 1; } else { n = n / 2; } steps = steps + 1; } print steps; // done"},
		{"divide", "x = 10; while 1 { print 100 / x; x = x - 5; }"},
		{"unknown", "print y + 1;"},
		{"syntax", "x = 1;\nprint (x + ;"},
		{"open", "if 1 {\n  print 1;"},
	}
	for _, p := range programs {
		code, err := compile(p.source)
		if err != nil {
			fmt.Printf("%-8s does not compile: %v\n", p.name, err)
			continue
		}
		output, steps, err := run(code)
		fmt.Printf("%-8s %v (%d instructions, %d steps)\n", p.name, output, len(code), steps)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v, divide: %t\n", p.name, err, errors.Is(err, errDivide))
		}
	}
	code, _ := compile(programs[1].source)
	for i, in := range code {
		fmt.Printf("%3d %-7v %d %s\n", i, in.op, in.arg, in.name)
	}
}
