"""Read a text on stdin; print line, word and letter statistics."""
import re
import sys
from collections import Counter, defaultdict
from textwrap import shorten, wrap

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
STOP_WORDS = frozenset("a an and as at by for in is it of on the to was with".split())


def sentences(text):
    flat = " ".join(text.split())
    return [s for s in re.split(r"(?<=[.!?])\s+", flat) if s]


def histogram(counter, width=30):
    if not counter:
        return
    top = max(counter.values())
    for key in sorted(counter):
        bar = "#" * max(1, round(counter[key] / top * width))
        yield f"{key:>3} | {bar} {counter[key]}"


def concordance(lines):
    index = defaultdict(set)
    for number, line in enumerate(lines, 1):
        for match in WORD.finditer(line.casefold()):
            index[match.group()].add(number)
    return index


def main():
    text = sys.stdin.read()
    lines = text.splitlines()
    words = [m.group().casefold() for m in WORD.finditer(text)]
    counts = Counter(words)

    print(f"lines: {len(lines)}  words: {len(words)}  unique: {len(counts)}  "
          f"chars: {len(text)}  bytes: {len(text.encode())}")
    blank = sum(not line.strip() for line in lines)
    print(f"blank lines: {blank}, longest line: {max(map(len, lines), default=0)}")

    print("\nMost common words (no stop words):")
    ranked = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    for word, count in [kv for kv in ranked if kv[0] not in STOP_WORDS][:12]:
        print(f"  {word:<12}{count:>4}{count / len(words):>8.2%}")

    print("\nWord lengths:")
    for row in histogram(Counter(map(len, words))):
        print(row)

    print("\nConcordance of words on three or more lines:")
    for word, numbers in sorted(concordance(lines).items()):
        if len(numbers) >= 3 and word not in STOP_WORDS:
            print(f"  {word}: {', '.join(map(str, sorted(numbers)))}")

    found = sentences(text)
    longest = max(found, key=lambda s: len(s.split()), default="")
    print(f"\n{len(found)} sentences; the longest one:")
    for row in wrap(longest, width=50, initial_indent="> ", subsequent_indent="  "):
        print(row)
    print("shortened:", shorten(longest, width=40, placeholder=" [...]"))
    palindromes = sorted(w for w in counts if len(w) > 2 and w == w[::-1])
    print("palindromes:", " ".join(palindromes) or "none")


if __name__ == "__main__":
    main()
