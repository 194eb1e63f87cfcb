"""The list of exercises to move in: its filter, its search, and the one that is selected."""

from flatprop.exercises import screen
from flatprop.exercises.catalogue import EXERCISES

KEYS = "up/down   c continue here   d done   p pending   s search   r reset   q back"
SEARCHING = "type a part of its name; Enter keeps the search, Esc ends it"
PAGE = 10       # exercises that page up and page down go past
STEPS = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -PAGE, "pagedown": PAGE,
         "home": -len(EXERCISES), "g": -len(EXERCISES),
         "end": len(EXERCISES), "G": len(EXERCISES)}


class Chooser:
    """The list as it stands: state as of workspace.load_state, current an exercise or None.

    kind: "done", "pending" or ""; word: what is searched for; typing: whether it is being typed
    """

    def __init__(self, state, current):
        self.state, self.kind, self.word, self.typing = state, "", "", False
        self.selected = current or EXERCISES[0]

    def rows(self):
        """The exercises that are shown."""
        return screen.chosen(self.state, self.kind, self.word)

    def press(self, key):
        """Take a key; gives ("back", None), ("continue", exercise), ("reset", exercise) or None."""
        if self.typing:
            self.type(key)
        elif key == "escape" and self.word:
            self.word = ""
        elif key in ("q", "l", "escape"):
            return "back", None
        elif key in ("c", "enter", "r") and self.rows():
            return "reset" if key == "r" else "continue", self.selected
        elif key in ("d", "p"):
            kind = "done" if key == "d" else "pending"
            self.kind = "" if self.kind == kind else kind
        elif key in ("s", "/"):
            self.typing, self.word = True, ""
        elif key in STEPS and self.rows():
            rows = self.rows()
            place = rows.index(self.selected) + STEPS[key]
            self.selected = rows[max(0, min(place, len(rows) - 1))]
        self.keep_selected()
        return None

    def type(self, key):
        """Take a key of the search."""
        if key in ("enter", "escape"):
            self.typing = False
            self.word = self.word if key == "enter" else ""
        elif key == "backspace":
            self.word = self.word[:-1]
        elif len(key) == 1 and key.isprintable():
            self.word += key

    def keep_selected(self):
        """Select the first that is shown, where the selected one is not."""
        rows = self.rows()
        if rows and self.selected not in rows:
            self.selected = rows[0]

    def text(self, lines, columns):
        """What it looks like on so many lines and columns."""
        rows = self.rows()
        room = max(3, lines - 6)
        place = rows.index(self.selected) if rows else 0
        first = max(0, min(place - room // 2, len(rows) - room))
        shown = []
        for exercise in rows[first:first + room]:
            sign, text = screen.row(exercise, self.state[exercise.id])
            mark = ">" if exercise is self.selected else " "
            shown.append(f"{mark} {sign:<8}{exercise.id:<21}{text}"[:columns - 1].rstrip())
        kept = [self.kind] * bool(self.kind) + [f"with {self.word!r}"] * bool(self.word)
        part = (f", {first + 1} to {first + len(shown)} on the screen"
                if len(shown) < len(rows) else " shown")
        count = f"{len(rows)} of {len(EXERCISES)}{part}" + (f": {', '.join(kept)}" if kept else "")
        keys = f"search: {self.word}_   {SEARCHING}" if self.typing else KEYS
        return "\n".join([screen.bar(self.state), "", *shown, "", f"  {count}", f"  {keys}"])
