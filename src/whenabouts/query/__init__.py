"""What a query asks beyond its event: which occurrence, where it stands to other events, and what kind of thing.

One parser applies the `Grammar` of the query's language; `grammar/` has one file per language.

>>> parse_query("the first time the interviewee admits a weakness")
ParsedQuery(event='the interviewee admits a weakness', which=1, words='a weakness', kind='said', act='admit', \
language='en')
>>> parse_query("a player is sent off after the second goal is scored")
ParsedQuery(event='a player is sent off', relation='after', anchors=('the second goal is scored',), language='en')
>>> describe(parse_query("예산이 두 번째로 언급될 때"))
'the 2nd time · said · 예산'
"""

from whenabouts.query.describe import describe
from whenabouts.query.example import Example
from whenabouts.query.language import language_of
from whenabouts.query.parse import parse_query
from whenabouts.query.parsed import EVERY, ParsedQuery, Relation, queries_of

__all__ = ["EVERY", "Example", "ParsedQuery", "Relation", "describe", "language_of", "parse_query", "queries_of"]
