"""The lecture's worked vectors, matrices and losses as lecture/ shows them, exact to 1e-12.

What is expected is worked out here with math and a few lines of NumPy.
"""

import math

import numpy as np
import pytest
from lecture_cases import array, exactly, numeric, run, table, text, values


def test_5_relu_on_a_vector():
    found = values("jacobians", "vector_relu")
    assert found["z"].tolist() == [1, 0, 3, 0] and found["dx"].tolist() == [4, 0, 5, 0]
    assert array("jacobians", "dz/dx").tolist() == np.diag([1, 0, 1, 0]).tolist()
    assert array("jacobians", "[dz/dx] [dL/dz]").tolist() == [4, 0, 5, 0]
    said = text("jacobians")
    assert "z = [1 0 3 0]" in said and "dx = [4 0 5 0]" in said
    assert "1  0  0  0\n    0  0  0  0\n    0  0  1  0\n    0  0  0  0\n" in said


Y = [[-1, -1, 2, 6], [5, 2, 11, 7]]
DX = [[0, 16, -9], [-24, 9, -30]]
DW = [[28, 3, -18, 0], [-30, 7, 13, 33], [-22, -7, 17, -15]]


def test_6_matrix_multiply():
    found = values("matmul", "multiply")
    assert (found["y"].tolist(), found["dx"].tolist(), found["dw"].tolist()) == (Y, DX, DW)
    said = " ".join(text("matmul").split())
    for rows in (Y, DX, DW, [[2, 1, -3], [-3, 4, 2]], [[2, 3, -3, 9], [-8, 1, 4, 6]],
                 [[3, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]]):
        assert " ".join(str(each) for row in rows for each in row) in said
    assert "y = [[13, 9, -2, -6], [5, 2, 17, 1]], which is not x w" in said


def test_7_jacobian_memory():
    rows = table("jacobians", "nobody forms them")
    assert rows["dy/dx, explicit"]["float32"] == "256 GiB"
    assert rows["dy/dw, explicit"]["float32"] == "16 TiB"
    assert (64 * 4096) * (64 * 4096) * 4 == 256 * 2**30
    assert (64 * 4096) * (4096 * 4096) * 4 == 16 * 2**40
    assert "256 GiB" in text("jacobians") and "16 TiB" in text("jacobians")


def test_9_two_layer_net_with_svm_loss_and_two_lambdas():
    given = run("losses", "total_loss", lambda1=0.3, lambda2=0.7).given
    x, y, W1, W2 = (given[name] for name in ("x", "y", "W1", "W2"))

    def L(W1, W2):
        total = 0.0
        for row, right in zip(x, y, strict=True):
            s = np.maximum(0, row @ W1) @ W2
            total += sum(max(0, s[j] - s[right] + 1) for j in range(len(s)) if j != right)
        return total / len(x) + 0.3 * (W1**2).sum() + 0.7 * (W2**2).sum()

    rows = table("losses", "The swap", lambda1=0.3, lambda2=0.7)
    assert rows["total L"]["SVM loss"] == exactly(L(W1, W2))
    assert rows["lambda1 R(W1)"]["SVM loss"] == exactly(0.3 * (W1**2).sum())
    assert rows["lambda2 R(W2)"]["SVM loss"] == exactly(0.7 * (W2**2).sum())
    for key, expected in (("dW1 with SVM", numeric(lambda W: L(W, W2), W1)),
                          ("dW2 with SVM", numeric(lambda W: L(W1, W), W2))):
        found = array("losses", key, lambda1=0.3, lambda2=0.7)
        assert found == pytest.approx(expected, rel=0, abs=1e-8)


def test_10_chance_loss():
    rows = table("losses", "tiny weights")
    assert rows["softmax"]["loss"] == exactly(math.log(10))
    assert rows["SVM"]["loss"] == exactly(9)
    assert "softmax   2.302585   ln 10" in text("losses")
    assert " ".join(text("losses").split()).count("SVM 9 10 - 1") == 1


def test_11_svm_margins_and_softmax():
    rows = table("losses", "Scores [13, -7, 11]")
    assert list(rows["SVM, margin 10"].values())[1:] == [8, -1, 0, 1]
    assert list(rows["SVM, margin 1"].values())[1:] == [0, 0, 0, 0]
    rows = table("losses", "dscores is p")
    assert list(rows["softmax"].values())[1:] == exactly([-math.log(0.3), 0.2, -0.7, 0.5])
    said = " ".join(text("losses").split())
    assert "SVM, margin 10 8 -1 0 1" in said and "SVM, margin 1 0 0 0 0" in said
    assert "softmax 1.203973 0.2 -0.7 0.5" in said and "p 0.2 0.3 0.5" in said


def test_jacobians_are_as_empty_as_is_said():
    rows = table("matmul", "The Jacobians")
    said = " ".join(text("matmul").split())
    for name, letter, share in (("dy/dx", "N", 2), ("dy/dw", "M", 4)):
        assert rows[name]["not 0"] * share == rows[name]["entries"]
        assert f"1/{letter} = 1/{share}" in said
