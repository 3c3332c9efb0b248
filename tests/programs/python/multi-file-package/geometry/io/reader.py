from ..shapes import Shape


class ParseError(ValueError):
    def __init__(self, line, reason):
        super().__init__(f"line {line}: {reason}")
        self.line = line


def read_lines(text):
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if line:
            yield number, line


def parse(number, line):
    kind, *fields = line.split()
    try:
        return Shape.registry[kind](*map(float, fields))
    except KeyError:
        raise ParseError(number, f"unknown shape {kind!r}") from None
    except (TypeError, ValueError) as error:
        raise ParseError(number, str(error)) from error
