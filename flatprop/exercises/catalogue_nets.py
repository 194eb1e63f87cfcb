"""Exercises of whole networks: two layers, N layers, the debug clinic."""

from flatprop.exercises import clinic
from flatprop.exercises.checks.answers import check_of
from flatprop.exercises.checks.check_model import Subject, loss_check, scores_check
from flatprop.exercises.exercise import Exercise
from models.fully_connected_net import FullyConnectedNet
from models.two_layer_net import TwoLayerNet

TWO = Subject("models/two_layer_net.py", "TwoLayerNet", TwoLayerNet, (3, 4, 3))
TWO_SVM = TWO._replace(loss="layers/svm_loss.py")
MANY = Subject("models/fully_connected_net.py", "FullyConnectedNet", FullyConnectedNet,
               (3, 5, 4, 4, 3), activation="layers/relu.py", as_list=True)
TANH = MANY._replace(sizes=(3, 4, 3), activation="layers/tanh.py", loss="layers/svm_loss.py")
LINEAR = MANY._replace(sizes=(3, 3, 3, 2), activation=None)
SHALLOW = MANY._replace(sizes=(4, 3))

TWO_NEEDS = ["layers/checks.py", "layers/affine.py", "layers/relu.py", "layers/softmax_loss.py",
             "layers/svm_loss.py", "models/parameters.py", "models/initialization.py"]
MANY_NEEDS = [*TWO_NEEDS, "layers/tanh.py", "layers/batchnorm.py", "layers/layernorm.py",
              "layers/dropout.py", "layers/maxout.py"]

NETS = [
    Exercise(
        "two-layer-net", "The two-layer net: s = W2 max(0, W1 x)", "Two layer neural network",
        [("models/two_layer_net.py", ["TwoLayerNet.activations", "TwoLayerNet.loss"])],
        TWO_NEEDS, ["affine", "relu", "softmax-loss"], 5,
        ["Four lines forward, four lines backward. The loss layer is self.loss_layer, softmax or "
         "SVM: the net does not care.",
         "x -affine-> hidden -relu-> active -affine-> scores -loss-> loss. Backward each layer "
         "takes its own cache. x needs no gradient.",
         "p = self.params\nhidden, hidden_cache = affine.forward(x, p[\"W1\"], p[\"b1\"])\n"
         "active, active_cache = relu.forward(hidden)\nscores, scores_cache = ...\n"
         "loss, loss_cache = self.loss_layer.forward(scores, y)\n\n"
         "dscores = self.loss_layer.backward(1.0, loss_cache)\ndactive, dW2, db2 = ...\n"
         "dhidden = relu.backward(dactive, active_cache)\n...\n"
         'return loss, {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}\n\n'
         'activations: return {"hidden1": active, "scores": scores}'],
        check_of([("scores", scores_check(TWO)), ("loss", loss_check(TWO, large=(200, 300, 50))),
                  ("loss, with the SVM loss", loss_check(TWO_SVM, large=(200, 300, 50))),
                  ("a large net", loss_check(TWO, large=(200, 300, 50)))],
                 "Any loss can go on top: nothing has to be derived anew.")),
    Exercise(
        "n-layer-net", "The N-layer net", "Multi-layer perceptrons",
        [("models/fully_connected_net.py",
          ["FullyConnectedNet.loss", "FullyConnectedNet._hidden_forward",
           "FullyConnectedNet._hidden_backward"])],
        MANY_NEEDS, ["two-layer-net"], 5,
        ["A loop forward that keeps every layer's caches, and a loop backward that takes them in "
         "opposite order. Norms and dropout may be left out: they are not checked.",
         "self.hidden is range(1, depth): layer i has W{i}, b{i}. self.activation may be None. "
         "The last layer has no activation.",
         "_hidden_forward(i, x, training): affine, then self.activation if there is one;\n"
         "    return active, (affine_cache, active_cache)\n"
         "_hidden_backward(i, dactive, caches, grads): the activation's backward, then\n"
         "    dx, grads[f\"W{i}\"], grads[f\"b{i}\"] = affine.backward(...); return dx\n"
         "loss:\n    for i in self.hidden: active, caches[i] = self._hidden_forward(i, active, "
         "True)\n    ... the last affine layer and the loss, and both backward\n"
         "    for i in reversed(self.hidden): dactive = self._hidden_backward(...)"],
        check_of([("scores", scores_check(MANY)), ("loss", loss_check(MANY)),
                  ("loss, with tanh and the SVM loss", loss_check(TANH, large=(200, 200, 50))),
                  ("without activations", loss_check(LINEAR, large=(200, 200, 50))),
                  ("without hidden layers", loss_check(SHALLOW, large=(400, 200))),
                  ("a large net", loss_check(MANY, large=(200, 200, 100, 50)))],
                 "However deep: forward down the page, and backward up again.")),
    Exercise(
        "clinic", "The clinic: six networks, one mistake each", "Backward code",
        [(patient.file, []) for patient in clinic.PATIENTS],
        [*MANY_NEEDS, "layers/sigmoid.py", "layers/square_loss.py"], ["n-layer-net"], 6,
        ["Read each file beside the slide. What goes forward must come back, in opposite order, "
         "with its own cache.",
         "Ask: which gradient is the first wrong one, from the loss backward? Is it a factor, a "
         "mask, a cache? Where all gradients are right: are scores and loss the same net, and is "
         "params still a view of theta?",
         "patient 1: the mean over the batch, once\npatient 2: every layer forward has one "
         "backward\npatient 3: what is in a cache?\npatient 4: scores and loss side by side\n"
         "patient 5: the gradient for what, and of which shape?\npatient 6: = or [:] ="],
        check_of([(patient.file, clinic.patient_check(patient)) for patient in clinic.PATIENTS],
                 "All six are well. You know now what such mistakes look like.")),
]
