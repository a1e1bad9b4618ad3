"""Generated videos and features whose ground truth is known."""
