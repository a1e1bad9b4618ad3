"""Libraries: many videos indexed once, and searched at once.

`store` keeps rows and lets nothing be half there, `scan` finds files and knows them again, `indexing` makes rows of one
video, `run` does it for a folder (`ray_engine` on many machines), `search` answers.
"""
