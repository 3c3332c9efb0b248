"""Several sorting algorithms checked against sorted() on seeded data."""
import heapq
import random
from operator import itemgetter


def insertion_sort(items):
    out = list(items)
    for i in range(1, len(out)):
        value, j = out[i], i
        while j > 0 and out[j - 1] > value:
            out[j] = out[j - 1]
            j -= 1
        out[j] = value
    return out


def quick_sort(items):
    if len(items) < 2:
        return list(items)
    pivot = items[len(items) // 2]
    low = [x for x in items if x < pivot]
    same = [x for x in items if x == pivot]
    high = [x for x in items if x > pivot]
    return quick_sort(low) + same + quick_sort(high)


def merge_sort(items):
    if len(items) < 2:
        return list(items)
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]


def heap_sort(items):
    heap = list(items)
    heapq.heapify(heap)
    return [heapq.heappop(heap) for _ in range(len(heap))]


def shell_sort(items):
    out = list(items)
    gap = len(out) // 2
    while gap:
        for i in range(gap, len(out)):
            value, j = out[i], i
            while j >= gap and out[j - gap] > value:
                out[j] = out[j - gap]
                j -= gap
            out[j] = value
        gap //= 2
    return out


def radix_sort(items):
    """Least significant byte first; signed values are shifted to be >= 0."""
    if not items:
        return []
    offset = min(items)
    out, shift = [x - offset for x in items], 0
    while max(out) >> shift:
        buckets = [[] for _ in range(256)]
        for value in out:
            buckets[(value >> shift) & 0xFF].append(value)
        out = [value for bucket in buckets for value in bucket]
        shift += 8
    return [x + offset for x in out]


ALGORITHMS = [insertion_sort, quick_sort, merge_sort, heap_sort, shell_sort, radix_sort]


def main():
    rng = random.Random(20240607)
    cases = {
        "empty": [],
        "single": [42],
        "reversed": list(range(60, 0, -3)),
        "duplicates": [rng.randrange(5) for _ in range(40)],
        "random": [rng.randint(-100_000, 100_000) for _ in range(500)],
    }
    for algorithm in ALGORITHMS:
        for label, data in cases.items():
            result = algorithm(data)
            verdict = "ok" if result == sorted(data) else "WRONG"
            edges = f"{result[0]}..{result[-1]}" if result else "-"
            print(f"{algorithm.__name__:<15} {label:<11} n={len(data):<4} {edges:<16} {verdict}")

    people = [("Mia", 31), ("Ada", 25), ("Zoe", 31), ("Bob", 25), ("Eve", 40)]
    print("by age, stable:", [name for name, _ in sorted(people, key=itemgetter(1))])
    print("oldest first:  ", sorted(people, key=lambda p: (-p[1], p[0])))
    print("3 smallest:    ", heapq.nsmallest(3, cases["random"]))


if __name__ == "__main__":
    main()
