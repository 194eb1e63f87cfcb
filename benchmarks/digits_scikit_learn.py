"""The digits in scikit-learn, as near to `python train.py` as it gets; startup.py times both.

    python benchmarks/digits_scikit_learn.py

The same 1,797 images, split 70/10/20 by class, standardized by the training part, a net
64-256-256-256-10 with relu, Adam, batch 64, 25 epochs in float32, judged on the validation part
after every epoch, the best weights tested. It differs in what scikit-learn lacks: there is no batch
norm, no dropout and no cosine schedule, so the rate is its default, 0.001.
"""

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS = 25
BATCH = 64
LAMBDA = 1e-4

x, y = load_digits(return_X_y=True)
x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, stratify=y, random_state=0)
mean, scale = x.mean(), x.std()
x, x_test = ((part - mean).astype(np.float32) / np.float32(scale) for part in (x, x_test))

# early_stopping measures the validation part and keeps the best weights, as the Solver does; with
# n_iter_no_change it never stops early. alpha is 2 lambda N, with N the size of the batch.
net = MLPClassifier((256, 256, 256), activation="relu", solver="adam", batch_size=BATCH,
                    alpha=2 * LAMBDA * BATCH, max_iter=EPOCHS, early_stopping=True,
                    validation_fraction=0.125, n_iter_no_change=EPOCHS, random_state=0)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    net.fit(x, y)
print(f"test accuracy {net.score(x_test, y_test):.4f}")
