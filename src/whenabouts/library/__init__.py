"""Libraries: many videos indexed once, and searched at once.

`store` keeps the rows and never exposes an incomplete video, `scan` compares a folder with the library, `indexing`
makes the rows of one video, `run` indexes a folder (`ray_engine` on many machines), `search` answers queries.
"""

LIBRARY = ".whenabouts"  # the folder of a library inside the folder of its videos
