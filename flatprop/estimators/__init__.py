"""MLPClassifier and MLPRegressor: what `flatprop train` does, as estimators of scikit-learn.

    from flatprop.estimators import MLPClassifier
    net = MLPClassifier(hidden=(64,), random_state=1).fit(X, y)

fit(X, y) is `flatprop train --data FILE.csv --folds 0 --test 0` of the file with these rows: the
same preprocessing, network and training, the same numbers to the bit. The parameters are the
options, under their names and with their defaults; random_state is --seed. net.save(FOLDER) keeps
a run, and load(RUN) makes an estimator of one. Needs scikit-learn, the extra sklearn.
"""

from data.extras import MissingExtra, pip_install

try:
    import sklearn.base  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtra(f"flatprop.estimators needs scikit-learn: {pip_install('sklearn')}"
                       ) from error

from flatprop.estimators.classifier import MLPClassifier
from flatprop.estimators.loading import load
from flatprop.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "load"]
