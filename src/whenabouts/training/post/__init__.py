"""Post-training of video-language models: supervised, and with verifiable rewards."""
