"""Recursive search: n-queens, sudoku, permutations, towers of Hanoi."""
from functools import lru_cache

PUZZLE = """
53..7....
6..195...
.98....6.
8...6...3
4..8.3..1
7...2...6
.6....28.
...419..5
....8..79
""".split()


def queens(n, placed=()):
    """Yield every placement as a tuple: index is the row, value the column."""
    row = len(placed)
    if row == n:
        yield placed
        return
    for column in range(n):
        if all(column != c and abs(column - c) != row - r for r, c in enumerate(placed)):
            yield from queens(n, placed + (column,))


def draw(solution):
    n = len(solution)
    return "\n".join(" ".join("Q" if c == q else "." for c in range(n)) for q in solution)


def candidates(grid, row, column):
    used = set(grid[row]) | {grid[r][column] for r in range(9)}
    top, left = row - row % 3, column - column % 3
    used |= {grid[r][c] for r in range(top, top + 3) for c in range(left, left + 3)}
    return [digit for digit in "123456789" if digit not in used]


def solve(grid, stats):
    stats["calls"] += 1
    best = None
    for row in range(9):
        for column in range(9):
            if grid[row][column] == ".":
                options = candidates(grid, row, column)
                if best is None or len(options) < len(best[2]):
                    best = row, column, options
    if best is None:
        return True
    row, column, options = best
    for digit in options:
        grid[row][column] = digit
        if solve(grid, stats):
            return True
        grid[row][column] = "."
        stats["undone"] += 1
    return False


def hanoi(n, source="A", target="C", spare="B"):
    if n:
        yield from hanoi(n - 1, source, spare, target)
        yield n, source, target
        yield from hanoi(n - 1, spare, target, source)


@lru_cache(maxsize=None)
def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - k, k) for k in range(1, min(n, largest) + 1))


def main():
    for n in range(1, 8):
        print(f"{n} queens: {sum(1 for _ in queens(n))} solutions")
    first = next(queens(8))
    print("first for 8:", first, draw(first), sep="\n")

    grid, stats = [list(line) for line in PUZZLE], {"calls": 0, "undone": 0}
    print("\nsudoku solved:", solve(grid, stats), stats)
    for number, row in enumerate(grid):
        if number in (3, 6):
            print("------+-------+------")
        print(" | ".join(" ".join(row[i:i + 3]) for i in (0, 3, 6)))

    moves = list(hanoi(4))
    print(f"\nhanoi(4): {len(moves)} moves:", ", ".join(f"{d}:{a}>{b}" for d, a, b in moves))
    print("partitions:", [partitions(n, n) for n in range(0, 31, 5)])


if __name__ == "__main__":
    main()
