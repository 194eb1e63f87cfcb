"""What to do about a mistake, one sentence each, and the kind that it is reported as.

In a sentence, {d} stands for the gradient's name, {x} for what it is the gradient of.
"""

from flatprop.gradcheck.finding import Finding

REMEDIES = {
    "not summed": ("not summed", "the same {x} is used again and again, so its gradients add up: "
                   "{scale}"),
    "transposed": ("transposed", "swap the factors of the product and transpose them: "
                   "(A^T B)^T = B^T A"),
    "reshaped": ("shape", "sum without keepdims, and reshape to the input's shape"),
    "wrong axis": ("wrong axis", "sum over the batch, axis 0, and keep the columns"),
    "shape": ("shape", "a gradient has the shape of what it is the gradient of"),
    "sign": ("sign", "multiply by -1: check the sign of the local gradient"),
    "factor": ("factor", "look for a missing or doubled constant in the formula"),
    "factor 2": ("factor", "a derivative's 2, or a 1/2 of the definition, is missing or doubled"),
    "divided": ("factor", "divided by {scale}, once too often: a mean taken where the sum is "
                "meant"),
    "not divided": ("factor", "divide by {scale}, once: a sum taken where the mean is meant, or a "
                    "factor too much"),
    "other divisor": ("factor", "divide {scale}"),
    "upstream twice": ("factor", "multiply by the upstream gradient once"),
    "upstream": ("upstream ignored", "the chain rule: multiply the local gradient by dout, the "
                 "gradient from above"),
    "upstream in a part": ("upstream ignored", "multiply every term by dout, or by the sum of dout "
                           "that belongs to it"),
    "upstream not linear": ("upstream ignored", "the chain rule: the local gradient, a function of "
                            "forward's values, times dout"),
    "part lost": ("lost path", "a value that is used more than once gets the sum of the gradients "
                  "from all its uses: the input is in the mean and in the spread too"),
    "part factor": ("factor", "go through that part step by step: what it is divided by, and what "
                    "the sum in it runs over"),
    "part without": ("factor", "multiply dout by {scale} first, and use the product in all terms"),
    "scale outside": ("factor", "multiply dout by {scale} first, and then take the sums"),
    "formula": ("formula", "compare the two with the derivation, factor by factor"),
    "formula alone": ("formula", "derive it again, and compare factor by factor"),
    "point": ("wrong point", "put the array that the formula is written in into the cache, and use "
              "it"),
    "local gradient left out": ("mask missing", "the chain rule: multiply by the local gradient, "
                                "{scale}"),
    "relu's mask": ("mask missing", "multiply by the 0/1 local gradient, as dout * ({scale} > 0)"),
    "mask": ("mask missing", "multiply dout by what forward multiplied by: {scale}"),
    "term lost": ("lost path", "the gradient is the sum over all ways from {x} to the output: add "
                  "what is missing"),
    "term too much": ("formula", "leave it out, or look for what it should have been"),
    "term flipped": ("sign", "turn the sign of that term round, and of no other"),
    "term factor": ("factor", "look at the constants of that term"),
    "right class": ("lost path", "subtract 1/N, or what the loss has, at scores[i, y[i]] too"),
    "right class alone": ("lost path", "every score is in the sum of the exponentials: its "
                          "gradient is p/N, and the right class's p/N - 1/N"),
    "own margin": ("wrong mask", "set the right class's own margin to 0 before the violated ones "
                   "are counted"),
    "margins counted": ("lost path", "at scores[i, y[i]] subtract the number of violated margins "
                        "of row i"),
    "wrong sums": ("wrong axis", "sum each row, axis=1"),
    "factor left out": ("factor", "multiply by {scale}"),
    "factor too much": ("factor", "take that factor out"),
    "case missing": ("lost path", "give that case its own gradient, as forward has its own term"),
    "case factor": ("factor", "look at the constants of that case"),
    "one sum": ("wrong axis", "sum over the examples alone, axis=0 where they are the rows"),
    "one for all": ("formula", "multiply by that factor before the sum is taken: X.T @ r, and not "
                    "r.sum()"),
    "one row's upstream": ("upstream ignored", "multiply each row by its own: dout[:, None] * ..."),
    "overwritten": ("lost path", "add up, += and not =; with indices that repeat, np.add.at"),
    "penalty": ("l2", "the gradient of c sum({x}^2) is 2 c {x}: compare with the loss"),
    "penalty lost": ("l2", "add it: the gradient of c sum({x}^2) is 2 c {x}"),
    "penalty factor": ("l2", "the gradient of c sum({x}^2) is 2 c {x}"),
    "penalty halved": ("l2", "add lambda {x}, not 2 lambda {x}; or leave the 1/2 out of the loss"),
    "penalty sign": ("l2", "add the gradient of the penalty: descent then makes {x} smaller"),
    "penalty over N": ("l2", "divide both the penalty and its gradient by N, or neither"),
    "penalty not in the loss": ("l2", "add {x}'s penalty to the loss, or leave its gradient out: "
                                "look whether the loss sums another matrix's twice"),
    "loss off": ("l2", "sum the penalty of each matrix once in the loss"),
    "bias in the loss": ("l2", "leave biases out of the loss's penalty; or, if they are meant to be "
                         "in it, add its gradient"),
    "bias decayed": ("l2", "leave it out: biases are not decayed"),
    "weights forgotten": ("lost path", "what comes down through a layer is multiplied by its "
                          "weights: dz @ W.T"),
    "weights stepped": ("formula", "compute all gradients first, and then step the weights"),
    "through W": ("transposed", "dx = dout @ {scale}.T"),
    "other forward": ("formula", "look at forward first: is it what was meant? Else derive "
                      "backward from it"),
}


def find(key, name, says, scale=""):
    """The Finding of a mistake that REMEDIES knows; name is the gradient's."""
    kind, remedy = REMEDIES[key]
    words = {"d": name, "x": name[1:], "scale": scale}
    return Finding(kind, name, says.format(**words), remedy.format(**words))
