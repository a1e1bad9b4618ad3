"""Training: learned heads on features, and post-training of video-LLMs with temporal rewards."""
