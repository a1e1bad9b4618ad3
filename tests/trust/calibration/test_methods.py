"""Each method against scikit-learn, and what all methods have in common."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from whenabouts.errors import InputError
from whenabouts.trust.calibration import METHODS, choose_method
from whenabouts.trust.calibration.beta import Beta
from whenabouts.trust.calibration.calibrator import logit
from whenabouts.trust.calibration.choose import folds_of
from whenabouts.trust.calibration.isotonic import Isotonic
from whenabouts.trust.calibration.platt import Platt
from whenabouts.trust.calibration.temperature import Temperature

Sample = tuple[NDArray[np.float64], NDArray[np.bool_]]


def sample(seed: int = 0, count: int = 400) -> Sample:
    """Probabilities that are too bold, and whether each query happens."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1.5, count)
    return 1 / (1 + np.exp(-2 * true)), rng.random(count) < 1 / (1 + np.exp(-true))


def softened(happens: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Platt's targets as labels and weights, which scikit-learn takes: every query once as each label."""
    n, m = happens.sum(), (~happens).sum()
    target = np.where(happens, (n + 1) / (n + 2), 1 / (m + 2))
    labels = np.repeat([True, False], len(happens))
    return labels, np.concatenate([target, 1 - target])


def test_platt_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(3, 40, 300)
    happens = rng.random(300) < 1 / (1 + np.exp(-(scores - 3) / 30))
    theirs = _SigmoidCalibration().fit(scores, happens)
    ours = Platt.fit(scores, happens)
    assert not ours.odds
    assert ours.slope == pytest.approx(-theirs.a_, rel=1e-3)
    assert ours.bias == pytest.approx(-theirs.b_, rel=1e-3)


@pytest.mark.parametrize("method", ["temperature", "beta"])
def test_temperature_and_beta_are_logistic_regressions(method: str) -> None:
    p, happens = sample()
    labels, weights = softened(happens)
    columns = {"temperature": [logit(p)], "beta": [np.log(p), -np.log1p(-p)]}[method]
    features = np.tile(np.column_stack(columns), (2, 1))
    theirs = LogisticRegression(C=np.inf, fit_intercept=method == "beta", tol=1e-12, max_iter=10_000)
    theirs.fit(features, labels, weights)
    ours = METHODS[method].fit(p, happens)
    if isinstance(ours, Beta):
        assert [ours.a, ours.b, ours.c] == pytest.approx([*theirs.coef_[0], theirs.intercept_[0]], rel=1e-3)
    else:
        assert isinstance(ours, Temperature)
        assert 1 / ours.temperature == pytest.approx(theirs.coef_[0, 0], rel=1e-3)
        assert ours.temperature == pytest.approx(2, rel=0.25)  # twice as bold as is true


def test_beta_leaves_out_what_would_fall() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.98, 3000)
    happens = rng.random(3000) < 1 / (1 + np.exp(-(1.5 * np.log(p) + 0.6 * np.log1p(-p) + 2)))  # b is -0.6
    made = Beta.fit(p, happens)
    assert made.b == 0 and made.a > 0


@given(st.lists(st.tuples(st.floats(-5, 5).map(lambda x: round(x, 1)), st.booleans()), min_size=2, max_size=60))
def test_isotonic_is_that_of_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    x, happens = np.array([x for x, _ in pairs]), np.array([so for _, so in pairs])
    if happens.all() or not happens.any():
        with pytest.raises(InputError, match="queries that happen and queries that do not"):
            Isotonic.fit(x, happens)
        return
    least = 1 / (len(x) + 2)
    theirs = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(x, happens)
    at = np.linspace(-6, 6, 101)
    if np.ptp(theirs.predict(at)) == 0:
        with pytest.raises(InputError, match="says nothing of it"):
            Isotonic.fit(x, happens)
        return
    assert Isotonic.fit(x, happens).probability(at) == pytest.approx(theirs.predict(at))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("count", [2, 10, 400])
def test_a_method_never_turns_an_order_round(name: str, count: int) -> None:
    p, happens = sample(3, count)
    happens[p.argmax()], happens[p.argmin()] = True, False
    kind = METHODS[name]
    made = kind.fit(p, happens)
    found = made.probability(np.linspace(0, 1, 1001))
    rises = np.diff(found)
    assert ((found >= 0) & (found <= 1)).all() and (rises >= 0).all()
    if kind.strictly and count == 400:
        assert (rises[1:-1] > 0).all()
    assert kind(**dataclasses.asdict(made)) == made  # type: ignore[call-overload]


@pytest.mark.parametrize("name", METHODS)
def test_a_perfect_order_has_a_finite_answer(name: str) -> None:
    p, happens = np.array([0.0, 0.1, 0.9, 1.0]), np.array([False, False, True, True])
    found = METHODS[name].fit(p, happens).probability(p)
    assert ((found > 0) & (found < 1)).all() and found[2] > 0.5 > found[1]


@pytest.mark.parametrize("name", ["temperature", "platt", "beta"])
def test_a_score_that_says_the_contrary_is_refused(name: str) -> None:
    p, happens = sample()
    with pytest.raises(InputError, match="score no higher than those that do not"):
        METHODS[name].fit(1 - p, happens)


@pytest.mark.parametrize("name", ["temperature", "beta"])
def test_scores_that_are_no_probabilities_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="choose platt or isotonic"):
        METHODS[name].fit(np.array([0.5, 3.0]), np.array([False, True]))


def test_the_choice_is_what_does_best_on_other_videos() -> None:
    p, happens = sample(0, 1000)
    videos = [f"{i % 50}" for i in range(1000)]
    assert choose_method(METHODS, p, happens, videos) == "temperature"
    rng = np.random.default_rng(2)
    steps = rng.random(1000) < np.where(np.abs(p - 0.5) < 0.3, 0.5, np.where(p > 0.5, 0.97, 0.4))
    assert choose_method(METHODS, p, steps, videos) != "temperature"
    assert choose_method(METHODS, 100 * p, happens, videos) in {"platt", "isotonic"}


def test_a_video_is_in_one_fold() -> None:
    videos = [f"{i % 7}" for i in range(40)]
    folds = list(folds_of(videos, 0))
    assert len(folds) == 5
    assert (np.sum(folds, axis=0) == 1).all()
    for fold in folds:
        inside = {video for video, held in zip(videos, fold, strict=True) if held}
        assert all(held == (video in inside) for video, held in zip(videos, fold, strict=True))
    with pytest.raises(InputError, match="two videos"):
        list(folds_of(["a", "a"], 0))
