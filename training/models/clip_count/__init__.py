"""CLIP-Count: a network that counts what a prompt names.

Source:
    Jiang, Liu and Chen, CLIP-Count (arXiv 2305.07304), variant `paper`; the variant `improved`
    departs from it as `docs/clip-count.md` says.
"""
