"""Text tables: alignment, number formats, f-string and str.format features."""
import csv
import io
import math
from string import Template

DATA = """\
planet,radius_km,mass_kg,moons,day_hours
Mercury,2439.7,3.3011e23,0,4222.6
Venus,6051.8,4.8675e24,0,2802.0
Earth,6371.0,5.97237e24,1,24.0
Mars,3389.5,6.4171e23,2,24.7
Jupiter,69911,1.8982e27,95,9.9
Saturn,58232,5.6834e26,146,10.7
"""


class Table:
    def __init__(self, headers, aligns):
        self.headers, self.aligns, self.rows = headers, aligns, []

    def add(self, *cells):
        if len(cells) != len(self.headers):
            raise ValueError(f"expected {len(self.headers)} cells, got {len(cells)}")
        self.rows.append([str(cell) for cell in cells])

    def widths(self):
        return [max(map(len, column)) for column in zip(self.headers, *self.rows)]

    def render(self, style="ascii"):
        across, down, cross = {"ascii": "-|+", "box": "─│┼"}[style]
        widths = self.widths()

        def line(cells, aligns):
            body = f" {down} ".join(f"{c:{a}{w}}" for c, a, w in zip(cells, aligns, widths))
            return f"{down} {body} {down}"

        rule = cross.join(["", *(across * (w + 2) for w in widths), ""])
        yield from (rule, line(self.headers, "^" * len(widths)), rule)
        for row in self.rows:
            yield line(row, self.aligns)
        yield rule

    def markdown(self):
        marks = {"<": ":---", ">": "---:", "^": ":---:"}
        yield "| " + " | ".join(self.headers) + " |"
        yield "| " + " | ".join(marks[a] for a in self.aligns) + " |"
        for row in self.rows:
            yield "| " + " | ".join(row) + " |"


def human(hours):
    minutes = round(hours * 60)
    days, minutes = divmod(minutes, 24 * 60)
    return f"{days}d {minutes // 60:02}:{minutes % 60:02}"


def main():
    table = Table(["planet", "radius", "mass", "moons", "day", "density"], "<>>^>>")
    for row in csv.DictReader(io.StringIO(DATA)):
        radius, mass = float(row["radius_km"]), float(row["mass_kg"])
        density = mass / (4 / 3 * math.pi * (radius * 1000) ** 3)
        table.add(row["planet"], f"{radius:,.1f}", f"{mass:.3e}", row["moons"],
                  human(float(row["day_hours"])), f"{density:.0f}")
    print(*table.render(), sep="\n")
    print(*table.render("box"), sep="\n")
    print(*table.markdown(), sep="\n")

    try:
        table.add("Pluto")
    except ValueError as error:
        print(f"{error = !s}")

    for value in (0, 255, -4096, 123456789):
        print(f"{value:>+14,} {value:#010x} {value:#o} {value:_b}")
    for value in (0.1 + 0.2, -0.0, 1e21, math.inf, math.nan, 2 / 3):
        print(f"{value!r:>24} {value:>10.3g} {value:>+12.4f} {value:>12.1%}")
    print("{0:*^20}|{1!r:<12}|{name:>8.4}".format("centre", "it's", name="truncated"))
    print("%-10s|%5d|%05.1f|%x|%%|%r" % ("old", 42, 3.14159, 48879, "style"))
    print(Template("$who owes $$${amount}").substitute(who="Ann", amount=12))


if __name__ == "__main__":
    main()
