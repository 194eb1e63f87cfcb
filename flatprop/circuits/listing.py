"""A record as a listing: the flat code line by line, and beside each line what it gave.

Values stand beside forward lines, gradients beside backward ones. Statements of a function that the
traced one called are indented under the statement that called it.
"""

import textwrap
from html import escape

import numpy as np

from flatprop.circuits import numbers
from flatprop.circuits.record import Step
from flatprop.circuits.source import Statement

GREEN, RED, PLAIN = "\033[32m", "\033[31m", "\033[0m"
WIDEST = 76     # code longer than this has its values on the next line
WIDE = 116      # the whole listing
FOLDED = 96     # a vector


def text(record, colours=False):
    """The listing for a terminal: code to the left, name = value to its right."""
    told = rows(record)
    width = max([len(code) for code, _ in told if len(code) <= WIDEST], default=0)
    out = []
    for code, results in told:
        blocks = [beside(result) for result in results]
        widest = max((len(block[0]) for block in blocks), default=0)
        start = max(4, min(width, WIDE - widest - 2))       # further left for what is too wide
        if len(code) > start and blocks:
            out.append(code)
            code = ""
        lines = [line for some in groups(blocks, results, WIDE - start - 2)
                 for line in joined(*some, colours)]
        for number, line in enumerate(lines or [""]):
            out.append(f"{code if number == 0 else '':{start}}  {line}".rstrip())
    return "\n".join(out) + "\n"


def html(record):
    """The listing as one table, of class listing; spans of class value and gradient in it."""
    lines = []
    for code, results in rows(record):
        indent = "&nbsp;" * (len(code) - len(code.lstrip()))
        lines.append(f'<tr><td class="code"><code>{indent}{escape(code.strip())}</code></td>'
                     f'<td>{"".join(map(span, results))}</td></tr>')
    return '<table class="listing">\n' + "\n".join(lines) + "\n</table>\n"


def span(result):
    """One name and its value as HTML."""
    name, kind, lines = result
    return (f'<span class="{kind}"><i>{escape(name)}</i> = '
            f'<b>{"<br>".join(escape(line.replace(" ", chr(160))) for line in lines)}</b></span>')


def rows(record):
    """The listing as data: [(code, [(name, "value" or "gradient", lines of the value)])]."""
    backward = {each.line for call in record.calls for each in call.backwards}
    backward |= {each.line for _, each in record.strays}
    known = set(record.given)
    out = []
    for step in record.steps or made_up(record):
        results = []
        for name, value in step.values.items():
            if numbers.is_number(value) or isinstance(value, np.ndarray):
                is_gradient = step.line in backward or is_gradient_name(name, known)
                results.append((name, "gradient" if is_gradient else "value", written(value)))
        known |= set(step.values)
        out.append((("" if step.inside else "    ") + step.line.text, results))
    return out


def is_gradient_name(name, known):
    """Whether a name is that of a gradient: dx or grad_x, where there is an x."""
    return any(name.startswith(start) and name[len(start):] in known for start in ("d", "grad_"))


def made_up(record):
    """Steps for a function without source: its calls."""
    for call in record.calls:
        names = ", ".join(call.arguments)
        yield Step(Statement(f"{call.layer}.forward({names})", (), 0), outputs(call))
    for call in reversed(record.calls):
        for each in call.backwards:
            line = Statement(f"{call.layer}.backward(...)", (), 0)
            grads = zip(call.arguments, each.grads, strict=False)
            yield Step(line, {f"d{name}": grad for name, grad in grads if grad is not None})


def outputs(call):
    """What a forward gave, by made-up names."""
    if type(call.copied) is tuple:
        return {f"out[{place}]": value for place, value in enumerate(call.copied)}
    return {"out": call.copied}


def written(value):
    """The lines of a value: one, or one for each row of a small matrix; a long vector is folded."""
    lines = [numbers.short(value)]
    if isinstance(value, np.ndarray) and value.ndim == 2 and 0 < value.size <= numbers.ENTRIES:
        lines = numbers.rows(value, numbers.six_in(value))
    if len(lines) > 1:
        return lines
    return textwrap.wrap(lines[0], FOLDED, subsequent_indent=" ", break_on_hyphens=False)


def beside(result):
    """A result as lines of equal length, the name before the first."""
    name, _, lines = result
    head = f"{name} = "
    block = [head + lines[0], *(" " * len(head) + line for line in lines[1:])]
    width = max(map(len, block))
    return [line.ljust(width) for line in block]


def groups(blocks, results, room):
    """Blocks, with their results, in groups that fit beside each other in so much room."""
    out, width = [], room + 1
    for block, result in zip(blocks, results, strict=True):
        if width + len(block[0]) > room:
            out.append(([], []))
            width = 0
        out[-1][0].append(block)
        out[-1][1].append(result)
        width += len(block[0]) + 3
    return out


def joined(blocks, results, colours):
    """Blocks side by side, as lines."""
    out = []
    for number in range(max(map(len, blocks), default=0)):
        parts = []
        for block, (_, kind, _) in zip(blocks, results, strict=True):
            part = block[number] if number < len(block) else " " * len(block[0])
            colour = GREEN if kind == "value" else RED
            parts.append(f"{colour}{part}{PLAIN}" if colours and part.strip() else part)
        out.append("   ".join(parts).rstrip())
    return out
