"""The commands of `python -m exports`, one a module: its options, and what it does with them."""
