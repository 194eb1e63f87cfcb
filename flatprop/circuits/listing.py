"""A record as a listing: the flat code line by line, and beside each line what it gave.

Statements of a function that the traced one called are indented under the one that called it.
"""

import textwrap
from html import escape

import numpy as np

from flatprop.circuits import value_text
from flatprop.circuits.record import Step
from flatprop.circuits.statements import Statement
from flatprop.system import GREEN, RED, paint

FOLDED = 96     # the longest line of a vector in a page
BELOW = 6       # columns before values that stand below their code, and two more


def text(record, columns=100, colours=False):
    """The listing for a terminal of so many columns: code to the left, name = value to its right.

    Where they do not fit beside each other, the values stand below the code.
    """
    lines = rows(record, columns - 20)
    longest = columns * 2 // 3      # longer code has its values below it
    width = max([len(code) for code, _ in lines if len(code) <= longest], default=0)
    out = []
    for code, results in lines:
        blocks = [(block(name, each), kind) for name, kind, each in results]
        widest = max((len(each[0]) for each, _ in blocks), default=0)
        start = max(4, min(width, columns - widest - 2))       # further left for what is too wide
        if len(code) > start and blocks:
            out.append(code)
            code, start = "", max(4, min(BELOW, columns - widest - 2))
        beside = [line for group in groups(blocks, columns - start - 2)
                  for line in side_by_side(group, colours)]
        for number, line in enumerate(beside or [""]):
            out.append(f"{code if number == 0 else '':{start}}  {line}".rstrip())
    return "\n".join(out) + "\n"


def html(record):
    """The listing as one table, of class listing; spans of class value and gradient in it."""
    lines = []
    for code, results in rows(record):
        indent = "&nbsp;" * (len(code) - len(code.lstrip()))
        spans = [f'<span class="{kind}"><i>{escape(name)}</i> = <b>'
                 f'{"<br>".join(escape(line.replace(" ", chr(160))) for line in each)}</b></span>'
                 for name, kind, each in results]
        lines.append(f'<tr><td class="code"><code>{indent}{escape(code.strip())}</code></td>'
                     f'<td>{"".join(spans)}</td></tr>')
    return '<table class="listing">\n' + "\n".join(lines) + "\n</table>\n"


def rows(record, folded=FOLDED):
    """The listing as data: [(code, [(name, "value" or "gradient", lines of the value)])].

    folded: the longest line of a vector
    """
    backward = {each.line for each in record.backwards}
    known = set(record.given)
    out = []
    for step in record.steps or steps_without_source(record):
        results = []
        for name, value in step.values.items():
            if value_text.is_number(value) or isinstance(value, np.ndarray):
                is_gradient = step.line in backward or any(
                    name in (f"d{each}", f"grad_{each}") for each in known)
                results.append((name, "gradient" if is_gradient else "value",
                                value_lines(value, folded)))
        known |= set(step.values)
        out.append((("" if step.inside else "    ") + step.line.text, results))
    return out


def steps_without_source(record):
    """Steps for a function whose source is not known: its calls."""
    for call in record.calls:
        outs = {f"out[{place}]" if call.several else "out": value
                for place, value in enumerate(call.values)}
        yield Step(Statement(f"{call.layer}.forward({', '.join(call.arguments)})", (), 0), outs)
    for call in reversed(record.calls):
        for each in call.backwards:
            grads = zip(call.arguments, each.grads, strict=False)
            yield Step(Statement(f"{call.layer}.backward(...)", (), 0),
                       {f"d{name}": grad for name, grad in grads if grad is not None})


def value_lines(value, folded):
    """The lines of a value: one, or one for each row of a small matrix; long ones are folded."""
    lines = [value_text.short(value)]
    if isinstance(value, np.ndarray) and value.ndim == 2 and 0 < value.size <= value_text.ENTRIES:
        lines = value_text.rows(value, value_text.six_writer(value))
    return [part for line in lines for part in textwrap.wrap(
        line, folded, subsequent_indent=" ", break_on_hyphens=False)]


def block(name, lines):
    """The lines of a value at equal length, its name before the first."""
    head = f"{name} = "
    out = [head + lines[0], *(" " * len(head) + line for line in lines[1:])]
    width = max(map(len, out))
    return [line.ljust(width) for line in out]


def groups(blocks, room):
    """Blocks, each with its kind, in groups that fit beside each other in so much room."""
    out, width = [], room + 1
    for lines, kind in blocks:
        if width + len(lines[0]) > room:
            out.append([])
            width = 0
        out[-1].append((lines, kind))
        width += len(lines[0]) + 3
    return out


def side_by_side(group, colours):
    """The blocks of a group as lines."""
    out = []
    for number in range(max(len(lines) for lines, _ in group)):
        parts = []
        for lines, kind in group:
            part = lines[number] if number < len(lines) else " " * len(lines[0])
            colour = GREEN if kind == "value" else RED
            parts.append(paint(part, colour, colours and part.strip()))
        out.append("   ".join(parts).rstrip())
    return out
