"""What a word that is not ours means here: words of other programs, other spellings, and slips.

other_words.toml is the table, read only when somebody has typed such a word. A word is looked up
as it is; then by what it says, without the words that add nothing and in any order (epochs in
num_train_epochs); then as a slip of the fingers. Where nothing fits well, there is no answer.
"""

import contextlib
import functools
import re
import tomllib
from pathlib import Path

TABLE = Path(__file__).with_name("other_words.toml")


@functools.cache
def table():
    """other_words.toml as {section: {answer: [words]}}; [values.loss] is the section loss."""
    plain = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    sections = plain.pop("values") | plain.pop("commands") | plain
    return {section: {answer: words.split() for answer, words in answers.items()}
            for section, answers in sections.items()}


def letters(word):
    """A word without case, dashes and other signs: batchSize, batch_size and --BATCH-SIZE are one.

    One letter keeps its case.
    """
    bare = re.sub(r"[^A-Za-z0-9]", "", word)
    return bare if len(bare) == 1 else bare.lower()


@functools.cache
def core(word, kind="option"):
    """What a word says, as a set of words: {"epoch"} for --num_train_epochs.

    kind is "option" or "name": what adds nothing to one of these is left out.
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", word).lower()
    found = {re.sub(r"(?<=[a-z][^sui])s$", "", each)
             for each in re.findall(r"[a-z]+|[0-9]+", apart)}
    for word, others in table()["same"].items():
        if found.intersection(others):
            found = found.difference(others) | {word}
    if {"learning", "rate"} <= found:
        found = found - {"learning", "rate"} | {"lr"}
    return frozenset(found).difference(*(table()["empty"][each] for each in {kind, "option"}))


def look_up(word, answers, kind="option"):
    """The answer of {answer: [words]} that has this word, one that says the same, or is near."""
    same, said = letters(word), core(word, kind)
    exact = look_up_exactly(word, answers)
    if exact or len(same) == 1:
        return exact
    found = [answer for answer, words in answers.items()
             if said and any(said == core(each, kind) for each in words)]
    if not found and len(same) >= 7:
        found = [answer for answer, words in answers.items()
                 if any(is_slip(same, letters(each), 1) for each in words if each != answer)]
    return found[0] if len({re.split("[:, ]", answer)[0] for answer in found}) == 1 else None


def look_up_exactly(word, answers):
    """The answer of {answer: [words]} that has this word itself, or None."""
    return next((answer for answer, words in answers.items()
                 if letters(word) in map(letters, words)), None)


def without_owner(word):
    """What belongs to an owner, without it: "lr" of --optimizer.lr."""
    *owners, last = re.split(r"\.|__", word)
    return last if set(table()["empty"]["owner"]).issuperset(map(letters, owners)) else word


def about_option(word, known, alone=(), command="train"):
    """A line on an option that the command does not have, or None.

    word   as it was typed, without a value: "--batchSize"
    known  the options that the command has: ["-o", "--out", "--lr"]
    alone  its arguments that stand alone, such as RUN
    """
    own = [each for each in known if each.startswith("--")]
    of_command = fitting_answers(sections("only", command), known)
    general = fitting_answers(["options", "notes", *sections("notes", command)], known)
    for option in own:      # what is our own word in another form, such as --max-patience
        general.setdefault(option, []).append(option)
    for part in (word, without_owner(word)):
        option = same_name(part, own)
        if option:
            return f"{word} is written {option} here"
        answer = look_up_exactly(part, of_command)
        name = look_up(part, {name: table()["alone"].get(name, []) for name in alone})
        if name and not answer:
            return f"{word}: {name} is given alone here, without an option before it"
        answer = answer or look_up(part, of_command | general)
        if answer and answer.startswith("--"):
            option = re.split("[:,]", answer)[0]
            return f"{word} is {option} here{answer.removeprefix(option)}"
        if answer:
            return f"there is no {word} here: {answer}"
    return None


def sections(kind, command):
    """The sections of this kind for a command: ["only draw", "only report, draw, lecture"]."""
    return [section for section in table() if section.startswith(f"{kind} ")
            and command in section.removeprefix(f"{kind} ").split(", ")]


def fitting_answers(those, known):
    """The answers of these sections that fit a command with these options: {answer: [words]}."""
    answers = {}
    for section in those:
        for answer, words in table()[section].items():
            text = fitting(answer, known)
            if text:
                answers.setdefault(text, []).extend(words)
    return answers


def fitting(answer, known):
    """Of an answer's alternatives the first that begins with nothing unknown; "" if none does.

    A later part, after "; ", is left out where it names an option that is not known. What stands
    behind "flatprop " is another command's.
    """
    for alternative in answer.split(" | "):
        parts = alternative.split("; ")
        fit = [all(each in known for each in
                   re.findall(r"(?<![\w-])--[a-z][\w-]*", part.split("flatprop ")[0]))
               for part in parts]
        if fit[0]:
            return "; ".join(part for part, fits in zip(parts, fit, strict=True) if fits)
    return ""


def about_name(word, names, section):
    """What a section of the table says of a name that is none of these names, or None."""
    answers = {answer: [*words] for answer, words in table().get(section, {}).items()}
    for name in names:
        answers.setdefault(name, []).append(name)
    answer = (look_up(word, answers, "name")
              or look_up(word.split(".")[-1], answers, "name"))
    if answer is None:
        return None
    head = re.split("[:,]", answer)[0]
    if head.split()[0] not in names:
        return answer
    return f"it is {head} here{answer.removeprefix(head)}"


def same_name(word, names):
    """The one of these names that the word is, in any case and with any dashes, or None."""
    return next((name for name in names if letters(name) == letters(word)), None)


def slip_of(word, names):
    """The only one of these names that the word is a slip of the fingers away from, or None."""
    found = [name for name in names if is_slip(letters(word), letters(name))]
    return found[0] if len(found) == 1 else None


def is_slip(typed, meant, most=2):
    """Whether one edit makes a text of the other; in long ones two, in short ones few kinds do."""
    long = max(len(typed), len(meant))
    if min(len(typed), len(meant)) < 3 or abs(len(typed) - len(meant)) > 2 or (
            typed[0] not in meant[:2]
            or re.findall(r"\d", typed) != re.findall(r"\d", meant)):
        return False
    if long <= 5 and len(typed) >= len(meant) and sorted(typed) != sorted(meant):
        twice = re.compile(r"(.)\1")        # a letter at the end, or one typed twice; not --speed
        return typed[:-1] == meant or twice.sub(r"\1", typed) == twice.sub(r"\1", meant)
    return edits(typed, meant) <= (1 if long < 9 else most)


def edits(a, b):
    """How many letters are left out, put in, changed, or exchanged with the next between a and b.

    (The optimal string alignment distance.)
    """
    two_above, above = None, list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other)))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                row[-1] = min(row[-1], two_above[j - 2] + 1)
        two_above, above = above, row
    return above[-1]


def about_number(text, whole=False, share=False):
    """How a text is written as a number here: " (write 0.5)", or "" if it is not clear.

    whole: where it has to be a whole number; share: where 20 and 20% mean 0.2.
    """
    bare = text.strip().lower()
    absent = ("none", "null", "never", "off", "no", "false", "auto", "default", "nan", "")
    if bare in absent or (bare in ("inf", "infinity") and not whole):
        return " (leave the option out for its default)"
    with contextlib.suppress(ValueError):
        value = float(bare)
        if not (whole and value.is_integer()) and not (share and 2 <= value <= 100):
            return ""       # it is a number, but another is needed
    number = re.fullmatch(r"([-+]?[\d.,]*\d[\d.,]*(?:e[-+]?\d+)?)\s*(%?)[fdl]?", bare)
    if not number:
        return ""
    digits, percent = number.groups()
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", digits) and whole:
        digits = digits.replace(",", "")
    try:
        value = float(digits.replace(",", "."))
    except ValueError:
        return ""
    if percent or (share and 2 <= value <= 100):
        value /= 100
    if whole and not (value.is_integer() and abs(value) < 1e15):
        return ""
    written = str(int(value)) if whole else f"{value:g}"
    return "" if written == bare else f" (write {written})"
