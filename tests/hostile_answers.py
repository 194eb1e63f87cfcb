"""Hostile submissions whose answers are forged in the child, past every check of the probe's.

{name: (exercise, {file: text})}. Each takes the probe over, and deserves no more than it would
without.
"""

from exercises import workspace

TAKEN_OVER = '''

import probe


def forged(*arguments):
    return [{{"says": {says}}} for _ in arguments[-1]]


vars(probe).update(loss=forged, layer=forged, forward=forged, functions=forged)
'''
NET = "models/two_layer_net.py"


def forgeries():
    """Answers that neither give values nor say what is wrong; the code itself is wrong."""
    patients = {f"clinic/patient_{number}.py": workspace.reference(f"clinic/patient_{number}.py")
                for number in (1, 2, 3, 5)}
    net = workspace.solution(NET).replace("backward(1.0, loss", "backward(3.0, loss")
    relu = workspace.solution("layers/relu.py").replace("dout * (x > 0)", "dout")
    wrong = {"clinic": patients, "two-layer-net": {NET: net}, "relu": {"layers/relu.py": relu}}
    return {f"{id}, saying {says}": (id, {file: text + TAKEN_OVER.format(says=says)
                                          for file, text in files.items()})
            for says in ("None", "''", "0", "[]", "{}") for id, files in wrong.items()}
