"""Random answers on streams, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from whenabouts.metrics.online import OnlineAnswer

DURATION = 120.0
windows = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda w: [float(w[0]), float(w[0] + w[1])])
told = st.tuples(windows, st.integers(0, 8), st.integers(0, 30), st.sampled_from([0.2, 0.4, 0.6, 0.9]))


@st.composite
def answers(draw: st.DrawFn) -> OnlineAnswer:
    """One query on one stream, with coarse times and few scores, so that ties are frequent."""
    rows = draw(st.lists(told, max_size=6))
    truths = draw(st.lists(windows, max_size=3))
    emitted = [[window[0] + late, window[0] + late + more] for window, late, more, _ in rows]
    return OnlineAnswer([w for w, *_ in rows], emitted, [s for *_, s in rows], truths, DURATION)
