"""What a diagnosis of one system says, in sentences with the figures that show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whenabouts.auditing.diagnosis.adjusting import Adjustment
from whenabouts.auditing.diagnosis.groups import Group

if TYPE_CHECKING:
    from whenabouts.auditing.diagnosis.diagnosis import Diagnosis

__all__ = ["lesson", "sentences", "shape"]

FIRST = 3  # outcomes of misses that are told
HALF = 0.5  # of the misses, from which on they are said to be mostly of one kind
BLIND = ("hedger", "prior-copier", "first-verb", "random")  # traits of predictors that find nothing
COPIES = ("hedge", "prior copy")
LESSONS = {
    ("loose", "tight", "shifted", "partial"): "it finds the place and not the ends",
    ("near miss", "search", "recognition", "duplicate", "ranking"): "it takes another moment for the one that is meant",
    COPIES: "it answers without committing to what the video shows",
    ("parse", "refused"): "it gives no answer that can be used",
}


def sentences(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The most important first: what kind of predictor it is, the score, its misses, and what would mend them."""
    return tuple(_sentences(diagnosis))


def lesson(diagnosis: Diagnosis) -> str | None:
    """What was learned wrongly: of which kind most misses are, or how they part; None without misses."""
    misses = len(diagnosis.facts) - diagnosis.counts["hit"]
    if not misses:
        return None
    blindly = any(trait.name in BLIND for trait in diagnosis.traits)
    totals = []
    for kinds, told in LESSONS.items():
        of_kind = {name: diagnosis.counts[name] for name in kinds}
        totals.append(sum(of_kind.values()))
        if totals[-1] > HALF * misses and (not blindly or kinds == COPIES):
            most = max(of_kind, key=lambda name: of_kind[name])
            return f"{told}: {totals[-1]} of {misses} misses, most of them {most} ({of_kind[most]})"
    ends, place, blind, silence = totals
    if blindly:
        return (
            f"what the video shows does not decide its answers: {blind} of its {misses} misses are whole videos or "
            f"usual windows, of the others {ends} overlap a true moment, {place} lie elsewhere and {silence} are no "
            "window"
        )
    return (
        f"its {misses} misses are of several kinds: {ends} find the place and not the ends, {place} take another "
        f"moment, {blind} commit to nothing, {silence} give no answer"
    )


def shape(diagnosis: Diagnosis) -> Iterator[str]:
    """How its windows lie: whether hits barely pass, to which side ends are off, what one number for all would mend."""
    fit, found = diagnosis.fit, diagnosis.ends
    if fit.barely is not None and fit.barely > 100 * HALF:
        yield f"hits barely pass: {fit.barely:.0f} % of them are less than 0.1 above the threshold"
    for what, end in (("starts", found.start), ("ends", found.end)) if found else ():
        low, high = end.bias.low, end.bias.high
        if low > 0 or high < 0:
            side = "late" if low > 0 else "early"
            bounds = f"95 % {min(abs(low), abs(high)):.1f} to {max(abs(low), abs(high)):.1f}"
            yield f"where it overlaps the truth it {what} {abs(end.bias.mean):.1f} s too {side} ({bounds})"
    bring = {one.kind: _change(diagnosis, one) for one in diagnosis.adjusted if one.gains}
    value = {one.kind: one.value for one in diagnosis.adjusted}
    if (measured := diagnosis.lengths) is not None and measured.fault is not None:
        ratio = measured.ratio
        times = f"{ratio.mean:.2f} times as long as the moment in the median (95 % {ratio.low:.2f} to {ratio.high:.2f})"
        fault = "long" if measured.fault == "long" else "short"
        told = f"its windows are too {fault}: {times}"
        yield f"{told}; at {value['length']:.2f} of their length {bring['length']}" if "length" in bring else told
    if found is not None and found.side is not None and "shift" in bring:
        side = "late" if found.side == "late" else "early"
        yield f"its windows come too {side}: moved by {value['shift']:+.1f} s {bring['shift']}"


def _change(diagnosis: Diagnosis, one: Adjustment) -> str:
    recall, miou = (f"{of.mean:+.1f} (95 % {of.low:+.1f} to {of.high:+.1f})" for of in (one.recall, one.miou))
    return f"R1@{diagnosis.threshold:g} would change by {recall} and mIoU by {miou}"


def _sentences(diagnosis: Diagnosis) -> Iterator[str]:
    yield from (trait.sentence for trait in diagnosis.traits)
    fit, recall = diagnosis.fit, diagnosis.fit.recall
    figure = f"R1@{diagnosis.threshold:g} {recall.mean:.1f} (95 % {recall.low:.1f} to {recall.high:.1f})"
    blind = ""
    if fit.blind_recall is not None:
        which = f", {fit.blind}," if fit.blind else ""
        blind = f"; the best blind baseline{which} has {fit.blind_recall:.1f}"
    yield f"{diagnosis.counts['hit']} of {len(diagnosis.facts)} queries are hits, {figure}{blind}"
    if told := lesson(diagnosis):
        yield told
    for one in sorted(diagnosis.outcomes, key=lambda one: -one.queries if one.gain else 1)[:FIRST]:
        if one.gain:
            gain, miou = one.gain.recall, one.gain.miou
            most = f"at most {gain.mean:.1f} points of R1 ({gain.low:.1f} to {gain.high:.1f})"
            yield f"{one.name}: {one.queries} queries; to mend all would bring {most} and {miou.mean:.1f} of mIoU"
    if fit.hits is not None and fit.misses is not None:
        apart = f"{fit.apart:.0f} % of all answers touch no true moment"
        yield f"mIoU {fit.miou.mean:.1f}: hits have a mean IoU of {fit.hits:.2f}, misses {fit.misses:.2f}; {apart}"
    yield from shape(diagnosis)
    yield from _of_groups(diagnosis)
    share = {found.name: 100 * found.share for found in diagnosis.several}
    if "the longest" in share and "the others" in share:
        found = f"{share['the longest']:.0f} % of the longest moments and {share['the others']:.0f} % of the others"
        yield f"where a query happens several times, the first five answers hit {found}"
    if diagnosis.absent:
        alarms, absent = diagnosis.counts["false alarm"], len(diagnosis.absent)
        yield f"{alarms} of {absent} queries that do not happen are answered with a time"


def _of_groups(diagnosis: Diagnosis) -> Iterator[str]:
    for by in dict.fromkeys(group.by for group in diagnosis.groups):
        of_kind = [group for group in diagnosis.groups if group.by == by]
        worst = min(of_kind, key=lambda group: group.recall.mean)
        best = max(of_kind, key=lambda group: group.recall.mean)
        if worst.recall.high < best.recall.low:
            yield f"weakest by {by}: {_scored(worst)} against {_scored(best)}"


def _scored(group: Group) -> str:
    bounds = f"{group.recall.low:.1f} to {group.recall.high:.1f}"
    return f"{group.recall.mean:.1f} on {group.name} ({group.queries} queries, 95 % {bounds})"
