"""Unicode: combining marks, emoji sequences, right-to-left text, case folding."""
import re
import sys
import unicodedata as ud

SAMPLES = {
    "precomposed": "caf\u00e9",
    "combining": "cafe\u0301",
    "zalgo": "Z\u0351\u036b\u0343a\u0328\u0316l\u0321g\u0323o\u0325",
    "hangul": "한국어",
    "jamo": "\u1112\u1161\u11ab",
    "family": "👨‍👩‍👧‍👦",
    "skin tone": "👋🏽",
    "flags": "🇯🇵🇧🇷",
    "keycap": "1️⃣",
    "hebrew": "שָׁלוֹם",
    "arabic": "مرحبا بالعالم",
    "mixed": "abc אבג 123",
    "fullwidth": "Ｈｅｌｌｏ",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈",
    "ligature": "ﬁnancial eﬀect",
}

FOLDING = [("Straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ﬀ", "FF"),
           ("İ", "i"), ("ǅ", "ǆ"), ("K", "k"), ("ſ", "S")]


def clusters(text):
    """A simple grapheme split: marks, joiners, modifiers and flag pairs."""
    out = []
    for ch in text:
        extend = ud.combining(ch) or ud.category(ch) in ("Mn", "Me", "Mc") \
            or ch == "\u200d" or "\U0001f3fb" <= ch <= "\U0001f3ff"
        flag = "\U0001f1e6" <= ch <= "\U0001f1ff"
        if out and (extend or out[-1].endswith("\u200d")):
            out[-1] += ch
        elif out and flag and len(out[-1]) == 1 and "\U0001f1e6" <= out[-1] <= "\U0001f1ff":
            out[-1] += ch
        else:
            out.append(ch)
    return out


def width(text):
    return sum(2 if ud.east_asian_width(c[0]) in "WF" else 1 for c in clusters(text))


def canonical_caseless(text):
    return ud.normalize("NFC", ud.normalize("NFD", text).casefold())


def main():
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for label, text in SAMPLES.items():
        forms = "/".join(str(len(ud.normalize(f, text))) for f in ("NFC", "NFD", "NFKC", "NFKD"))
        print(f"{label:<12} {text}  points={len(text)} utf8={len(text.encode())} "
              f"utf16={len(text.encode('utf-16-le')) // 2} clusters={len(clusters(text))} "
              f"width={width(text)} forms={forms}")

    print("\ncase folding")
    for a, b in FOLDING:
        print(f"{a} ~ {b}: lower {a.lower() == b.lower()}, casefold {a.casefold() == b.casefold()}, "
              f"canonical {canonical_caseless(a) == canonical_caseless(b)}, upper {a.upper()} title {b.title()}")

    print("\nequality:", SAMPLES["precomposed"] == SAMPLES["combining"],
          ud.normalize("NFC", SAMPLES["combining"]) == SAMPLES["precomposed"])
    print("reversed by cluster:", "".join(reversed(clusters("ne\u0301e 👋🏽 🇯🇵"))))
    print("stripped:", "".join(c for c in ud.normalize("NFD", "Ångström Žižek ñandú") if not ud.combining(c)))
    print("bidi:", " ".join(ud.bidirectional(c) or "-" for c in SAMPLES["mixed"]))
    print("marks:", "\u202eright-to-left override\u202c", "\u2067שלום\u2069", "zero\u200bwidth", "\ufeffbom")
    for ch in "é٣Ⅷ½🐍\u0301":
        print(f"U+{ord(ch):05X} {ud.category(ch)} {ud.name(ch)} numeric={ud.numeric(ch, None)}")
    print("digits:", int("٣٤٥") + int("४२"), "identifier:", "naïve_Δ".isidentifier(), "x²".isidentifier())
    print("regex:", re.findall(r"\w+", "naïve Ωmega_1 日本語 – dash"), re.findall(r"(?a:\w+)", "naïve"))
    print("escapes:", ascii("é🐍\u2028"), "é🐍".encode("unicode_escape"), "bücher".encode("idna"))
    print("lone surrogate:", "\ud83d".encode("utf-8", "surrogatepass"), "a\udcffb".encode("utf-8", "surrogateescape"))
    try:
        print("\ud800")
    except UnicodeEncodeError as error:
        print("error:", error.reason, error.start, file=sys.stderr)
    print("separators:", "a\u2028b\u0085c\x0bd\r\ne".splitlines())


if __name__ == "__main__":
    main()
