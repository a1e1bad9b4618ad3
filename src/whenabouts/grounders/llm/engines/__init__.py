"""Ways of asking a video-language model: on a server, or on this machine."""
