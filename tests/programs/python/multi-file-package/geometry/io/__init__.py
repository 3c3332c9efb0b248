from .reader import ParseError, parse, read_lines

__all__ = ["ParseError", "parse", "read_lines"]
