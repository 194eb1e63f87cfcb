"""The lecture's plain text as HTML: x^2 raised, s_j and w0 lowered, sigma in Greek, true signs."""

import re
from html import escape

GREEK = {"theta": "θ", "eta": "η", "sigma": "σ", "lambda": "λ", "gamma": "γ", "nabla": "∇"}
LETTER = "[A-Za-zθηγσλ∇]"
SMALL = r"(\{(?:[^{}]|\{[^{}]*\})*\}|−?\((?:[^()]|\([^()]*\))*\)|−?\w+)"    # {j,:}, −(x + y), −1
SIGNS = [
    (r" != ", " ≠ "), (r" -&gt; ", " → "), (r" &lt;- ", " ← "), (r"(?<=\d) us\b", " µs"),
    (r"(?<![\w)\]}-])-(?=[\d.(a-zA-Zθσησ])", "−"),                              # -x, -(x + y)
    (r"(?<=\S) - (?=\S)", " − "),                                               # x - y
    (r"(?<=[\d\])]) x (?=[\d\[(])|(?<=\b[NDMCH]) x (?=[NDMCH]\b)", " × "),      # 2 x 3, N x D
    (r"(?<=upstream) x (?=local)|(?<=derivative) x (?=change)", " × "),
    (r"(^|[\s(\[])\"", r"\1“"), (r"\"", "”"), (r"'", "’"),
]


def typeset(text):
    """Plain text as HTML. What stands between backquotes is code, and left as it is."""
    parts = text.split("`")
    return "".join(f"<code>{escape(part)}</code>" if place % 2 else formula(part)
                   for place, part in enumerate(parts))


def formula(text):
    """Plain text with formulas in it as HTML."""
    text = escape(text, quote=False)
    text = re.sub(r"\b(d?)(theta|eta|sigma|lambda|gamma|nabla)(?=\d?\b|_\w\b)",
                  lambda found: found[1] + GREEK[found[2]], text)
    for plain, typographic in SIGNS:
        text = re.sub(plain, typographic, text)
    text = re.sub(r"\byi\b", "y<sub>i</sub>", text)
    text = re.sub(r"\b(d?w)(\d\d)([ho])\b", r"\1<sub>\2</sub><sup>\3</sup>", text)
    text = re.sub(rf"\b(?!L2)(d?{LETTER})(\d)\b", r"\1<sub>\2</sub>", text)
    text = set_marks(text, r"\^", "sup")
    return set_marks(text, rf"(?:(?<=\b{LETTER})|(?<=\bd{LETTER}))_(?!\w\w)", "sub")


def set_marks(text, mark, tag):
    """What follows a mark, in a tag; a group's braces are left out, and its own marks are set."""
    def replacement(found):
        inside = found[1]
        if inside.startswith("{"):
            inside = set_marks(inside[1:-1], mark, tag)
        return f"<{tag}>{inside}</{tag}>"
    return re.sub(mark + SMALL, replacement, text)


def sentence(text):
    """A text that begins with a capital letter, where its first word is a word, not a formula."""
    first = text.split(" ")[0].rstrip(",:")
    is_word = first.isalpha() and len(first) > 1 and first not in GREEK or re.match("a [a-z]", text)
    return text[:1].upper() + text[1:] if is_word else text


def caption(text):
    """A caption for the page: without what is for a terminal, and without a colon at its end."""
    text = re.sub(r" \(--set [^)]*\)", "", text)
    text = text.replace("Measured here", "Measured when this page was made")
    return sentence(text).rstrip(" :")
