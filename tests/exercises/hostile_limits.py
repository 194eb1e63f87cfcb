"""Hostile submissions that write where they should not, or use all there is; see hostile.py."""

from hostile import WRONG, in_forward, on_import


def sabotage(canary):
    """Writing into files that are not its own; canary stands for one of the checker's."""
    own = [f"open({str(canary)!r}, 'w').write('passed')", f"os.remove({str(canary)!r})",
           f"os.rename({str(canary)!r}, {str(canary)!r} + '.gone')",
           f"os.truncate({str(canary)!r}, 0)", f"os.chmod({str(canary)!r}, 0)",
           f"np.save({str(canary)!r}, np.ones(3))"]
    found = {code.split("(")[0] + " the checker's file": in_forward(f"import os; {code}")
             for code in own}
    return {
        **found,
        "write its own tree": on_import(
            "import os\nplace = os.path.join(os.path.dirname(__file__), 'checks.py')\n"
            "open(place, 'a').write('x')"),
    }


def exhaustion():
    """Time, memory, processes, output."""
    return {
        "forever on import": on_import("while True:\n    pass"),
        "forever, catching everything": in_forward(
            "while True:\n        try:\n            while True:\n                pass\n"
            "        except BaseException:\n            pass"),
        "forever inside C": in_forward("sum(range(10**14))"),
        "asleep": in_forward("import time; time.sleep(3600)"),
        "memory, in one piece": in_forward("x = x + np.ones(2 * 10**9)[0]"),
        "memory, in many": in_forward("kept = [bytearray(2**20) for _ in range(4096)]"),
        "memory of a number": in_forward("kept = 10 ** (10 ** 10)"),
        "forks": in_forward(
            "import os, time; [os.fork() or (time.sleep(3), os._exit(0)) for _ in range(8)]"),
        "forks, past the hook": in_forward(
            "import _posixsubprocess as p; [p.fork_exec([b'/bin/sleep', b'3'], [b'/bin/sleep'], "
            "True, (), None, None, -1, -1, -1, -1, -1, -1, -1, -1, True, False, -1, None, None, "
            "None, -1, None, False) for _ in range(8)]"),
        "threads": in_forward(
            "import threading, time; [threading.Thread(target=time.sleep, args=(3,)).start() "
            "for _ in range(8)]"),
        "output": in_forward("[print('x' * 1000) for _ in range(50_000)]"),
        "output, past print": in_forward("import os; [os.write(1, b'x' * 2**20) "
                                         "for _ in range(100)]"),
        "a huge answer": WRONG.replace("np.zeros_like(x), (x,)",
                                       "np.zeros((9000, 9000)), (x,)"),
        "an answer without end": WRONG.replace(
            "np.zeros_like(x), (x,)", "deep, (x,)").replace(
                "def forward", "deep = []\ndeep.append(deep)\n\n\ndef forward"),
        "a large file": in_forward("open('large', 'wb').write(bytes(2**26))"),
    }
