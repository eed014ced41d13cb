"""Set-up: the first start, adding cameras, and keeping what was changed in the site file."""
