"""A command line tool: unit conversion with sub-commands, errors on stderr."""
import argparse
import enum
import sys


class Exit(enum.IntEnum):
    OK = 0
    SOME_FAILED = 3
    ALL_FAILED = 4


LENGTH = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0, "in": 0.0254, "ft": 0.3048, "mi": 1609.344}
MASS = {"g": 0.001, "kg": 1.0, "t": 1000.0, "lb": 0.45359237, "oz": 0.028349523125}
TABLES = {"length": LENGTH, "mass": MASS}


class ConversionError(Exception):
    pass


def split_quantity(text):
    for i, ch in enumerate(text):
        if ch.isalpha():
            number, unit = text[:i].strip(), text[i:].strip()
            break
    else:
        raise ConversionError(f"{text!r} has no unit")
    try:
        return float(number), unit
    except ValueError:
        raise ConversionError(f"{number!r} is not a number") from None


def convert(text, target):
    value, unit = split_quantity(text)
    for kind, table in TABLES.items():
        if unit in table:
            if target not in table:
                raise ConversionError(f"{unit} is a {kind}, {target} is not")
            return value, unit, value * table[unit] / table[target]
    raise ConversionError(f"unknown unit {unit!r}")


def build_parser():
    parser = argparse.ArgumentParser(prog="units", description="Convert units.")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("convert", help="convert quantities")
    one.add_argument("--to", required=True, metavar="UNIT")
    one.add_argument("--digits", type=int, default=4)
    one.add_argument("quantities", nargs="+")
    commands.add_parser("list", help="list the units")
    return parser


def main(argv):
    options = build_parser().parse_args(argv)
    if options.verbose:
        print(f"arguments: {argv!r}", file=sys.stderr)
    if options.command == "list":
        for kind, table in TABLES.items():
            print(f"{kind}: {' '.join(table)}")
        return Exit.OK
    failed = 0
    for text in options.quantities:
        try:
            value, unit, result = convert(text, options.to)
        except ConversionError as error:
            failed += 1
            print(f"units: error: {error}", file=sys.stderr)
        else:
            print(f"{value:g} {unit} = {result:.{options.digits}f} {options.to}")
    print(f"{len(options.quantities) - failed} converted, {failed} failed")
    if failed == len(options.quantities):
        return Exit.ALL_FAILED
    return Exit.SOME_FAILED if failed else Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
