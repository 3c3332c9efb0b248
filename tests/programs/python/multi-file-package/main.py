"""Uses a package in sub-folders and a data file next to it."""
import importlib
import pkgutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import geometry  # noqa: E402
from geometry import Circle, Polygon, Vector  # noqa: E402
from geometry.io import ParseError, parse, read_lines  # noqa: E402


def load(path):
    good, bad = [], []
    for number, line in read_lines(path.read_text(encoding="utf-8")):
        try:
            good.append(parse(number, line))
        except ParseError as error:
            bad.append(error)
    return good, bad


def describe(shape):
    match shape:
        case Circle(centre=Vector(x=0, y=0), radius=r):
            return f"circle of radius {r:g} at the origin"
        case Circle(centre=Vector(x=x, y=y), radius=r):
            return f"circle of radius {r:g} at ({x:g}, {y:g})"
        case Polygon(points=[_, _, _]):
            return "triangle"
        case Polygon(points=points):
            return f"polygon with {len(points)} corners"
        case _:
            return "something else"


def modules(package):
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(info.name)
        yield info.name, info.ispkg, sorted(n for n in vars(module) if n[0].isupper())


def main():
    here = Path(__file__).resolve().parent
    shapes, errors = load(here / "data" / "shapes.txt")
    print(f"geometry {geometry.__version__}: {len(shapes)} shapes, {len(errors)} errors")
    for shape in sorted(shapes, key=lambda s: s.area()):
        print(f"  {describe(shape):<38} area {shape.area():8.3f}  perimeter {shape.perimeter():8.3f}")
    for error in errors:
        cause = type(error.__cause__).__name__ if error.__cause__ else "-"
        print(f"  {error} (line {error.line}, cause {cause})", file=sys.stderr)
    for name, is_package, names in sorted(modules(geometry)):
        print(f"{'package' if is_package else 'module ':<8}{name:<20}{', '.join(names)}")
    print("same file:", Path(geometry.__file__).relative_to(here).as_posix())
    print("registry:", sorted(geometry.Shape.registry))
    try:
        geometry.Shape()
    except TypeError as error:
        print("abstract:", str(error).split(" with")[0])


if __name__ == "__main__":
    main()
