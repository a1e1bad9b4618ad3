"""Post-training: curation of data, recipes with verifiable rewards, and a watch on what they are tempted to exploit."""
