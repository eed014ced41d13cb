"""What the maker and the runner of a model agree on; needs numpy and pydantic and nothing else."""
