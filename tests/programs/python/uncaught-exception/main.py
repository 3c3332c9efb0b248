"""Parses configuration text; the last one ends in an uncaught exception."""
import atexit
import sys
import warnings
from contextlib import ExitStack, contextmanager


class ConfigError(Exception):
    def __init__(self, section, message):
        super().__init__(section, message)
        self.section = section

    def __str__(self):
        return f"[{self.section}] {self.args[1]}"


class Config:
    def __init__(self, text):
        self.sections = {}
        current = None
        for raw in text.splitlines():
            line = raw.partition(";")[0].strip()
            if not line:
                continue
            if line.startswith("[") and line.endswith("]"):
                current = self.sections.setdefault(line[1:-1], {})
            elif current is None:
                raise ConfigError("top", f"value outside a section: {line!r}")
            else:
                key, _, value = line.partition("=")
                current[key.strip()] = value.strip()

    def integer(self, section, key):
        try:
            return int(self.sections[section][key])
        except KeyError as error:
            raise ConfigError(section, f"no value for {error}") from error
        except ValueError:
            raise ConfigError(section, f"{key} must be a whole number")


@contextmanager
def step(name):
    print(f"begin {name}")
    try:
        yield name
    finally:
        print(f"end {name}")


def check(config):
    port = config.integer("server", "port")
    workers = config.integer("server", "workers")
    assert port > 0, "port"
    if port < 1024:
        warnings.warn(f"port {port} is privileged", stacklevel=2)
    return port // workers


TEXTS = [
    "[server]\nport = 8080 ; the usual one\nworkers = 4",
    "port = 1",
    "[server]\nport = 80\nworkers = 3\n[extra]",
    "[server]\nport = many",
    "[server]\nport = 9000",
]


def main():
    atexit.register(lambda: print("at exit: still runs"))
    for number, text in enumerate(TEXTS):
        with ExitStack() as stack:
            stack.enter_context(step(f"config {number}"))
            stack.callback(print, "callback", number)
            last = number == len(TEXTS) - 1
            try:
                print("result:", check(Config(text)))
            except ConfigError as error:
                chained = error.__cause__ or error.__context__
                print(f"{error} (after {type(chained).__name__})")
                if last:
                    error.add_note("this one is not handled\nand the note has two lines")
                    raise RuntimeError("giving up") from error
    print("never printed")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
