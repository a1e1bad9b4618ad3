"""The leaderboard: published figures, ranked only among those that were counted alike.

    >>> board = leaderboard("tvgbench")
    >>> [(one.rank, one.figure.system) for one in board.groups[0].standings][:2]
    [(1, 'Time-R1-7B'), (2, 'TRACE')]

The facts are files: `figures/` has one for each data set and one line for each row of a published table, `sources.csv`
where they were read, `reruns.csv` what others got, `blind.csv` what answers reach that never look at the video.
"""

from whenabouts.auditing.leaderboard.board import Board, Group, Standing, leaderboard
from whenabouts.auditing.leaderboard.listing import Listing, listing
from whenabouts.auditing.leaderboard.placing import place

__all__ = ["Board", "Group", "Listing", "Standing", "leaderboard", "listing", "place"]
