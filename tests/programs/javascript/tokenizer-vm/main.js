'use strict';

// A tiny language: tokenizer -> recursive-descent compiler -> stack machine.

const TOKEN = /\s*(?:(?<num>\d+(?:\.\d+)?)|(?<id>[a-z_]\w*)|(?<op>==|!=|<=|>=|&&|\|\||[-+*\/%<>=(){};,!])|(?<bad>\S))/giy;
const KEYWORDS = new Set(['let', 'while', 'if', 'else', 'print', 'fn', 'return']);

function tokenize(source) {
  const tokens = [];
  for (const { groups } of source.matchAll(TOKEN)) {
    const { num, id, op, bad } = groups;
    if (bad) throw new SyntaxError(`unexpected character '${bad}'`);
    if (num) tokens.push({ type: 'num', value: Number(num) });
    else if (id) tokens.push({ type: KEYWORDS.has(id) ? id : 'id', value: id });
    else tokens.push({ type: op, value: op });
  }
  tokens.push({ type: 'eof', value: 'end of input' });
  return tokens;
}

const BINARY = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];

class Compiler {
  constructor(source) {
    this.tokens = tokenize(source);
    this.at = 0;
    this.code = [];
    this.functions = new Map();
  }

  get peek() {
    return this.tokens[this.at].type;
  }

  take(type) {
    const token = this.tokens[this.at];
    if (type && token.type !== type) throw new SyntaxError(`expected '${type}' but found '${token.value}'`);
    this.at++;
    return token.value;
  }

  accept(type) {
    return this.peek === type && (this.at++, true);
  }

  emit(op, arg) {
    return this.code.push({ op, arg }) - 1;
  }

  patch(index) {
    this.code[index].arg = this.code.length;
  }

  compile() {
    while (this.peek !== 'eof') this.statement();
    this.emit('halt');
    return { code: this.code, functions: this.functions };
  }

  block() {
    this.take('{');
    while (!this.accept('}')) this.statement();
  }

  statement() {
    if (this.accept('fn')) {
      const name = this.take('id');
      const params = this.list(() => this.take('id'));
      const skip = this.emit('jump');
      this.functions.set(name, { entry: this.code.length, params });
      this.block();
      this.emit('push', 0);
      this.emit('ret');
      this.patch(skip);
    } else if (this.accept('while')) {
      const start = this.code.length;
      this.expression();
      const exit = this.emit('jumpIfZero');
      this.block();
      this.emit('jump', start);
      this.patch(exit);
    } else if (this.accept('if')) {
      this.expression();
      const otherwise = this.emit('jumpIfZero');
      this.block();
      const end = this.emit('jump');
      this.patch(otherwise);
      if (this.accept('else')) this.block();
      this.patch(end);
    } else {
      if (this.accept('print')) {
        this.expression();
        this.emit('print');
      } else if (this.accept('return')) {
        this.expression();
        this.emit('ret');
      } else {
        this.accept('let');
        const name = this.take('id');
        this.take('=');
        this.expression();
        this.emit('store', name);
      }
      this.take(';');
    }
  }

  list(item) {
    const items = [];
    this.take('(');
    if (this.accept(')')) return items;
    do items.push(item()); while (this.accept(','));
    this.take(')');
    return items;
  }

  expression(level = 0) {
    if (level === BINARY.length) return this.unary();
    this.expression(level + 1);
    while (BINARY[level].includes(this.peek)) {
      const op = this.take();
      this.expression(level + 1);
      this.emit('binary', op);
    }
  }

  unary() {
    if (this.accept('-')) return this.unary(), this.emit('negate');
    if (this.peek === 'num') return this.emit('push', this.take());
    if (this.accept('(')) return this.expression(), this.take(')');
    const name = this.take('id');
    if (this.peek !== '(') return this.emit('load', name);
    const count = this.list(() => this.expression()).length;
    this.emit('call', { name, count });
  }
}

const OPS = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b,
  '==': (a, b) => +(a === b), '!=': (a, b) => +(a !== b), '<': (a, b) => +(a < b), '<=': (a, b) => +(a <= b),
  '>': (a, b) => +(a > b), '>=': (a, b) => +(a >= b), '&&': (a, b) => +(a && b && 1), '||': (a, b) => +!!(a || b),
};

function run({ code, functions }, print) {
  const stack = [];
  const frames = [{ vars: new Map(), back: -1 }];
  let steps = 0;
  for (let pc = 0; ; steps++) {
    const { op, arg } = code[pc++];
    const frame = frames.at(-1);
    switch (op) {
      case 'halt': return steps;
      case 'push': stack.push(arg); break;
      case 'load':
        if (!frame.vars.has(arg)) throw new ReferenceError(`${arg} has no value`);
        stack.push(frame.vars.get(arg));
        break;
      case 'store': frame.vars.set(arg, stack.pop()); break;
      case 'negate': stack.push(-stack.pop()); break;
      case 'binary': { const b = stack.pop(); stack.push(OPS[arg](stack.pop(), b)); break; }
      case 'print': print(stack.pop()); break;
      case 'jump': pc = arg; break;
      case 'jumpIfZero': if (!stack.pop()) pc = arg; break;
      case 'ret': pc = frames.pop().back; break;
      case 'call': {
        const target = functions.get(arg.name);
        if (!target) throw new ReferenceError(`no function ${arg.name}`);
        if (target.params.length !== arg.count) throw new TypeError(`${arg.name} takes ${target.params.length} values`);
        const values = stack.splice(stack.length - arg.count);
        frames.push({ vars: new Map(target.params.map((p, i) => [p, values[i]])), back: pc });
        pc = target.entry;
      }
    }
  }
}

const programs = {
  fibonacci: 'fn fib(n) { if n < 2 { return n; } return fib(n - 1) + fib(n - 2); } print fib(17);',
  primes: 'let n = 2; while n < 40 { let d = 2; let p = 1; while d * d <= n { if n % d == 0 { p = 0; } d = d + 1; } if p { print n; } n = n + 1; }',
  gcd: 'fn gcd(a, b) { while b != 0 { let t = a % b; a = b; b = t; } return a; } print gcd(1071, 462); print -gcd(17, 5) * (2 + 3.5);',
  syntax: 'let x = (1 + 2;',
  character: 'print 1 # 2;',
  unknown: 'print y;',
  arity: 'fn f(a) { return a; } print f(1, 2);',
};

for (const [name, source] of Object.entries(programs)) {
  const output = [];
  try {
    const program = new Compiler(source).compile();
    const steps = run(program, (value) => output.push(value));
    console.log(`${name}: ${output.join(' ')} (${program.code.length} instructions, ${steps} steps)`);
  } catch (err) {
    console.log(`${name}: ${err.name}: ${err.message}`);
  }
}
console.log(new Compiler('let a = 1; if a { print a + 2; } else { print 0; }').compile().code);
