"""How unusual rows are beside others: rows that are taken for usual and rows to judge in, one score per judged row out, the higher the more unusual.

| method | what is far |
| --- | --- |
| `pca` | what breaks the relation of the columns, or goes too far along it (Hotelling 1931; Jackson and Mudholkar 1979) |
| `isolation_forest` | what few random cuts set apart (Liu, Ting and Zhou 2008) |
| `lof` | what lies in a sparser place than its neighbours (Breunig, Kriegel, Ng and Sander 2000) |
| `autoencoder` | what a small network that learned to say rows again from fewer numbers cannot say (Hawkins, He, Williams and Baxter 2002) |

All are some lines of numpy; time and memory grow with the rows that are judged times a constant, for `lof` times the usual rows, which are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

__all__ = ["METHODS", "Method", "left_over", "precision_of", "scores"]

Floats = npt.NDArray[np.float64]
Method = Literal["pca", "isolation_forest", "lof", "autoencoder"]
METHODS: Final[tuple[str, ...]] = get_args(Method)
_SHRUNK: Final = 0.05  # of the covariance, towards none
_KEPT: Final = 0.9  # of the variance, that is taken for the relation
_TREES, _SAMPLE = 100, 256  # as the paper has them
_NEIGHBOURS: Final = 20
_MOST_USUAL: Final = 2_000  # rows that `lof` compares with
_AT_ONCE: Final = 512
_EULER: Final = 0.5772156649
_BENT: Final = (1, 3)  # layers of the network
_EPOCHS, _RATE = 400, 0.02  # of Adam (Kingma and Ba 2015)


def scores(method: Method, usual: Floats, judged: Floats) -> Floats:
    """One per row of `judged`; both have the same columns, on scales that can be compared, and no NaN. The same rows give the same scores."""
    return _METHODS[method](usual, judged)


def precision_of(usual: Floats) -> Floats:
    """The inverse of the shrunk covariance."""
    found: Floats = np.asarray(np.linalg.inv(_covariance(usual)), np.float64)
    return found


def _covariance(usual: Floats) -> Floats:
    covariance: Floats = np.atleast_2d(np.cov(usual, rowvar=False)).astype(np.float64)
    narrow = np.diag(np.maximum(np.diag(covariance), 1e-6))
    found: Floats = (1 - _SHRUNK) * covariance + _SHRUNK * narrow + 1e-9 * np.eye(len(covariance))
    return found


def _pca(usual: Floats, judged: Floats) -> Floats:
    middle: Floats = usual.mean(axis=0)
    values, vectors = np.linalg.eigh(_covariance(usual))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = min(int(np.searchsorted(np.cumsum(values) / values.sum(), _KEPT)) + 1, max(1, len(values) - 1))

    def parts(rows: Floats) -> tuple[Floats, Floats]:
        along = (rows - middle) @ vectors
        return (along[:, :kept] ** 2 / values[:kept]).sum(axis=1) / kept, (along[:, kept:] ** 2).sum(axis=1)

    (far, off), (_, usually_off) = parts(judged), parts(usual)
    found: Floats = far + off / max(float(usually_off.mean()), 1e-12)
    return found


def left_over(usual: Floats, judged: Floats) -> tuple[float, float]:
    """The share of what judged rows differ by that is left by the autoencoder, and by as many principal components: it is worth its while where less is."""
    whole = max(float(((judged - usual.mean(axis=0)) ** 2).sum()), 1e-12)
    _, vectors = np.linalg.eigh(_covariance(usual))
    along = vectors[:, ::-1][:, : _narrow(usual.shape[1])]
    off = judged - usual.mean(axis=0)
    straight = float(((off - off @ along @ along.T) ** 2).sum())
    return float(((judged - _trained(usual)(judged)) ** 2).sum()) / whole, straight / whole


def _narrow(columns: int) -> int:
    """Numbers that a row must pass through."""
    return max(1, columns // 2)


def _autoencoder(usual: Floats, judged: Floats) -> Floats:
    again = _trained(usual)
    usually: Floats = ((usual - again(usual)) ** 2).mean(axis=0)
    found: Floats = ((judged - again(judged)) ** 2 / np.maximum(usually, 1e-6)).mean(axis=1)
    return found


def _trained(usual: Floats) -> Callable[[Floats], Floats]:
    """Four layers: wide, narrow, wide and out; the wide ones bend (tanh). What it gives is the rows, said again."""
    usual = usual[np.linspace(0, len(usual) - 1, min(len(usual), _MOST_USUAL)).astype(np.intp)]
    random, columns = np.random.default_rng(0), usual.shape[1]
    widths = (columns, 2 * columns + 2, _narrow(columns), 2 * columns + 2, columns)
    weights = [random.normal(0, 1 / np.sqrt(one), (one + 1, other)) for one, other in pairwise(widths)]
    moments = [np.zeros((2, *weight.shape)) for weight in weights]
    for step in range(1, _EPOCHS + 1):
        layers = _layers(weights, usual)
        error = 2 * (layers[-1] - usual) / usual.size
        for at in range(len(weights) - 1, -1, -1):
            gradient = np.vstack([layers[at].T @ error, error.sum(axis=0)])
            bent = 1 - layers[at] ** 2 if at in _BENT else 1.0
            error = error @ weights[at][:-1].T * bent
            moments[at][0] += 0.1 * (gradient - moments[at][0])
            moments[at][1] += 0.001 * (gradient**2 - moments[at][1])
            mean, square = moments[at][0] / (1 - 0.9**step), moments[at][1] / (1 - 0.999**step)
            weights[at] -= _RATE * mean / (np.sqrt(square) + 1e-8)
    return lambda rows: _layers(weights, rows)[-1]


def _layers(weights: Sequence[Floats], rows: Floats) -> list[Floats]:
    """What goes into each layer, and what comes out of the last."""
    found = [rows]
    for at, weight in enumerate(weights, 1):
        out: Floats = found[-1] @ weight[:-1] + weight[-1]
        found.append(np.tanh(out) if at in _BENT else out)
    return found


def _isolation_forest(usual: Floats, judged: Floats) -> Floats:
    random = np.random.default_rng(0)
    size = min(_SAMPLE, len(usual))
    deepest = int(np.ceil(np.log2(max(size, 2))))
    depth = np.zeros(len(judged))
    for _ in range(_TREES):
        sample = usual[random.choice(len(usual), size, replace=False)]
        _descend(sample, judged, np.arange(len(judged)), 0, deepest, depth, random)
    found: Floats = 2.0 ** (-depth / _TREES / max(float(_usual_depth(size)), 1e-9))
    return found


def _descend(sample: Floats, judged: Floats, here: npt.NDArray[np.intp], at: int, deepest: int, depth: Floats, random: np.random.Generator) -> None:
    """One tree, made while the judged rows fall through it: only branches that somebody takes are grown."""
    low, high = sample.min(axis=0), sample.max(axis=0)
    open_columns = np.flatnonzero(high > low)
    if at >= deepest or len(sample) <= 1 or not len(open_columns):
        depth[here] += at + _usual_depth(len(sample))
        return
    column = int(random.choice(open_columns))
    cut = random.uniform(low[column], high[column])
    for below in (True, False):
        going = here[(judged[here, column] < cut) == below]
        if len(going):
            _descend(sample[(sample[:, column] < cut) == below], judged, going, at + 1, deepest, depth, random)


def _usual_depth(count: int) -> float:
    """Of a search in a random tree of so many."""
    return 0.0 if count <= 1 else 2.0 * (np.log(count - 1) + _EULER) - 2.0 * (count - 1) / count if count > 2 else 1.0


def _lof(usual: Floats, judged: Floats) -> Floats:
    usual = usual[np.linspace(0, len(usual) - 1, min(len(usual), _MOST_USUAL)).astype(np.intp)]
    count = min(_NEIGHBOURS, len(usual) - 1)
    near, far = _nearest(usual, usual, count, itself=True)
    reach = far[:, -1]  # as far as the farthest of the neighbours; rows that are there many times are as dense as others at most a hundredfold
    reach = np.maximum(reach, max(0.01 * float(np.median(reach)), 1e-9))
    density = 1.0 / np.maximum(far, reach[near]).mean(axis=1)
    near, far = _nearest(usual, judged, count, itself=False)
    own = 1.0 / np.maximum(far, reach[near]).mean(axis=1)
    found: Floats = density[near].mean(axis=1) / own
    return found


def _nearest(usual: Floats, judged: Floats, count: int, *, itself: bool) -> tuple[npt.NDArray[np.intp], Floats]:
    """Numbers of the nearest usual rows and how far they are, nearest first; `itself`: the judged rows are the usual ones, and none is its own neighbour."""
    numbers, distances = [], []
    for begin in range(0, len(judged), _AT_ONCE):
        part = judged[begin : begin + _AT_ONCE]
        far = np.sqrt(np.maximum((part**2).sum(axis=1)[:, None] + (usual**2).sum(axis=1) - 2 * part @ usual.T, 0.0))
        if itself:
            far[np.arange(len(part)), begin + np.arange(len(part))] = np.inf
        order = np.argpartition(far, count - 1, axis=1)[:, :count]
        chosen = np.take_along_axis(far, order, axis=1)
        sorted_by = np.argsort(chosen, axis=1, kind="stable")
        numbers.append(np.take_along_axis(order, sorted_by, axis=1))
        distances.append(np.take_along_axis(chosen, sorted_by, axis=1))
    return np.concatenate(numbers), np.concatenate(distances)


_METHODS: Final[Mapping[str, Callable[[Floats, Floats], Floats]]] = {
    "pca": _pca,
    "isolation_forest": _isolation_forest,
    "lof": _lof,
    "autoencoder": _autoencoder,
}
